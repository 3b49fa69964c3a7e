"use strict";

// Tables sort by the column whose heading is pressed: numbers by value, words by letter.
for (const table of document.querySelectorAll("main table")) {
  const headings = [...table.tHead.rows[0].cells];
  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = heading.textContent;
    heading.replaceChildren(button);
    button.addEventListener("click", () => {
      const direction = heading.getAttribute("aria-sort") === "ascending" ? -1 : 1;
      headings.forEach((each) => each.removeAttribute("aria-sort"));
      heading.setAttribute("aria-sort", direction === 1 ? "ascending" : "descending");
      const value = (row) => row.cells[column].dataset.sort;
      const compare = (a, b) => {
        const [x, y] = [value(a), value(b)].map((text) => (text === "inf" ? Infinity : text === "" ? NaN : Number(text)));
        if (!Number.isNaN(x) && !Number.isNaN(y)) return x === y ? 0 : x - y;
        if (Number.isNaN(x) !== Number.isNaN(y)) return Number.isNaN(x) ? 1 : -1;
        return value(a).localeCompare(value(b));
      };
      const body = table.tBodies[0];
      body.append(...[...body.rows].sort((a, b) => direction * compare(a, b)));
    });
  });
}

// What is wider than the screen scrolls, also with the keyboard; the rest is no stop on its way.
const reachable = () => {
  for (const box of document.querySelectorAll(".scroll")) {
    const scrolls = box.scrollWidth > box.clientWidth;
    for (const [name, value] of [["tabindex", "0"], ["role", "region"]])
      if (scrolls) box.setAttribute(name, value);
      else box.removeAttribute(name);
  }
};
addEventListener("load", reachable);
addEventListener("resize", reachable);
addEventListener("toggle", reachable, true); // of a closed part nothing can be measured

// The explorers' own controls: what the horizontal axis shows, and who is shown.
const plotsOf = (suite) =>
  ["train_loss", "train_accuracy"].map((measure) =>
    Bokeh.documents.map((each) => each.get_model_by_name(`${suite}:${measure}`)).find(Boolean));

for (const explorer of document.querySelectorAll("[data-explorer]")) {
  const suite = explorer.dataset.explorer;
  explorer.addEventListener("change", ({ target }) => {
    const plots = plotsOf(suite);
    if (target.type === "checkbox") {
      for (const plot of plots)
        for (const line of plot.renderers)
          if (line.tags[0] === Number(target.value)) line.visible = target.checked;
    } else {
      for (const source of new Set(plots[0].renderers.map((line) => line.data_source)))
        source.data = { ...source.data, x: source.data[target.value] };
      for (const plot of plots) for (const axis of plot.below) axis.axis_label = target.dataset.words;
      for (const plot of plots) plot.reset.emit();
    }
  });
}

// Bokeh draws on a canvas, which no style sheet reaches.
const dark = matchMedia("(prefers-color-scheme: dark)");
const tint = () => {
  const style = getComputedStyle(document.documentElement);
  const [ink, line, paper] = ["--ink", "--line", "--paper"].map((name) => style.getPropertyValue(name).trim());
  for (const explorer of document.querySelectorAll("[data-explorer]"))
    for (const plot of plotsOf(explorer.dataset.explorer)) {
      plot.background_fill_color = plot.border_fill_color = paper;
      plot.outline_line_color = line;
      for (const axis of [...plot.below, ...plot.left]) {
        axis.axis_label_text_color = axis.major_label_text_color = ink;
        axis.axis_line_color = axis.major_tick_line_color = axis.minor_tick_line_color = line;
      }
      for (const grid of plot.center) grid.grid_line_color = line;
    }
};
dark.addEventListener("change", tint);
addEventListener("load", () => {
  const wait = setInterval(() => {
    const explorers = [...document.querySelectorAll("[data-explorer]")];
    if (explorers.every((each) => window.Bokeh && plotsOf(each.dataset.explorer).every(Boolean))) {
      clearInterval(wait);
      tint();
      document.documentElement.dataset.ready = "yes";
    }
  }, 30);
});
