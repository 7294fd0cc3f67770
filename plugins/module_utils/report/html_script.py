# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTML report's script: search and filters. Without it the page shows everything, and its controls are hidden."""

from __future__ import annotations

import base64
import hashlib

SCRIPT = """
(function () {
  "use strict";
  var tools = document.getElementById("tools"), search = document.getElementById("search");
  var layer = document.getElementById("layer"), severity = document.getElementById("severity");
  var told = document.getElementById("told");
  var everyNode = (document.body.getAttribute("data-nodes") || "").toLowerCase();
  function textOf(one) {
    // Of many subjects only some are shown; the others are in an attribute, or are all nodes.
    var more = (one.getAttribute("data-subjects") || "").toLowerCase();
    return one.textContent.toLowerCase() + " " + more + (one.hasAttribute("data-all") ? " " + everyNode : "");
  }
  function found(selector) {
    return Array.prototype.map.call(document.querySelectorAll(selector), function (one) {
      return { one: one, text: textOf(one) };
    });
  }
  var findings = found("details.finding"), rows = found(".matrix tbody tr");
  var sections = document.querySelectorAll("main section");

  function has(text, words) {
    return words.every(function (word) { return text.indexOf(word) >= 0; });
  }
  function apply() {
    var words = search.value.toLowerCase().split(/\\s+/).filter(Boolean), shown = 0;
    findings.forEach(function (entry) {
      var one = entry.one;
      var fits = (!layer.value || (" " + one.getAttribute("data-layers") + " ").indexOf(" " + layer.value + " ") >= 0) &&
        (!severity.value || one.getAttribute("data-severity") === severity.value) && has(entry.text, words);
      one.hidden = !fits;
      shown += fits;
    });
    Array.prototype.forEach.call(sections, function (section) {
      section.hidden = !section.querySelector("details.finding:not([hidden])");
    });
    // What is no node's name leaves the table of nodes as it is.
    var some = rows.some(function (row) { return has(row.text, words); });
    rows.forEach(function (row) { row.one.hidden = some && !has(row.text, words); });
    var asked = words.length || layer.value || severity.value;
    told.textContent = asked ? shown + " of " + findings.length + " shown" : "";
  }
  function show() {
    // A link to a rule shows it, whatever is filtered.
    var target = location.hash && document.getElementById(location.hash.slice(1));
    if (!target) { return; }
    search.value = layer.value = severity.value = "";
    document.getElementById("f-all").checked = true;
    apply();
    var around = target.closest("details");
    if (around) { around.open = true; }
    target.scrollIntoView();
  }
  [search, layer, severity].forEach(function (one) { one.addEventListener("input", apply); });
  document.addEventListener("click", function (event) {
    var link = event.target.closest("a[href^='#']");
    // The second click on the same link changes no address.
    if (link && link.getAttribute("href") === location.hash) { show(); }
  });
  window.addEventListener("hashchange", show);
  tools.hidden = false;
  apply();
  show();
})();
"""

# What the page's policy allows to run: this very text.
DIGEST = f"sha256-{base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()}"
