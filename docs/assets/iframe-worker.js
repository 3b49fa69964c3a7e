// Browsers refuse workers in pages opened from a folder (file://). The search of the site runs in one: there, a hidden
// frame that runs the same script takes its place. The theme would load a script for this from a network.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      document.body.append(frame);
      this.inside = frame.contentWindow;
      this.inside.postToPage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
      const page = this.inside.document;
      page.open();
      page.write(
        "<script>" +
          "window.postMessage = (data) => postToPage(data);" +
          "window.importScripts = (...urls) => urls.reduce((earlier, url) => earlier.then(() => new Promise((done, fail) => {" +
          "  const script = document.createElement('script');" +
          "  script.src = url; script.onload = done; script.onerror = fail; document.body.append(script);" +
          "})), Promise.resolve());" +
          "<\/script><body><script src='" + url + "'><\/script></body>",
      );
      page.close();
      this.ready = new Promise((done) => frame.addEventListener("load", done, { once: true }));
    }

    postMessage(data) {
      this.ready.then(() => this.inside.dispatchEvent(new MessageEvent("message", { data })));
    }

    terminate() {}
  };
}
