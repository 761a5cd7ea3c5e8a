(function () {
  "use strict";
  // The page works without this: it adds a filter to the index, opens what a link points into, and opens all for print.
  var box = document.getElementById("filter-box");
  var input = document.getElementById("filter");
  var status = document.getElementById("filter-status");
  function reveal() {
    var target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (var node = target; node; node = node.parentElement) {
      if (node.tagName === "DETAILS") { node.open = true; }
    }
    if (target) { target.scrollIntoView(); }
  }
  window.addEventListener("hashchange", reveal);
  reveal();
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll("details").forEach(function (each) { each.open = true; });
  });
  if (!box || !input) { return; }
  box.hidden = false;
  input.addEventListener("input", function () {
    var wanted = input.value.trim().toLowerCase();
    var shown = 0;
    document.querySelectorAll("#index li").forEach(function (item) {
      item.hidden = item.textContent.toLowerCase().indexOf(wanted) < 0;
      if (!item.hidden) { shown += 1; }
    });
    document.querySelectorAll("#index details").forEach(function (each) { each.open = wanted !== ""; });
    status.textContent = wanted ? shown + (shown === 1 ? " area matches" : " areas match") : "";
  });
}());
