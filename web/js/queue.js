// The queue by keyboard: the arrow keys go from line to line, Home and End to the ends.
document.addEventListener("keydown", (event) => {
  const link = event.target.closest?.(".queue a");
  if (!link || event.ctrlKey || event.metaKey || event.altKey) return;
  const links = [...link.closest(".queue").querySelectorAll("a")];
  const here = links.indexOf(link);
  const next = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: links.length - 1 }[event.key];
  if (next === undefined || !links[next]) return;
  event.preventDefault();
  links[next].focus();
});
