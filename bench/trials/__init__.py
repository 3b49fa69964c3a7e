"""One trial: a contender trained once on one scenario with one seed in one fresh process."""
