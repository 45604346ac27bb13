"use strict";

// Shows a text area of rows (a line a row, a tab between cells) as a table. The text area stays the field that is
// posted; without this file it is edited as it is. Cells pasted from a spreadsheet fill the table from there on.
(() => {
  const rowsOf = (area) =>
    area.value
      .split("\n")
      .filter((line) => line.trim() !== "")
      .map((line) => line.split("\t").map((cell) => cell.trim()));

  const inputsOf = (area) => {
    const name = area.dataset.gridFollows;
    if (!name) {
      return null;
    }
    // The field it follows stands in the same form of the formset: same prefix, another last part.
    return document.getElementById(area.id.replace(/[^-]*$/, name));
  };

  const headersOf = (area) => {
    const own = JSON.parse(area.dataset.grid);
    const inputs = inputsOf(area);
    if (!inputs) {
      return own;
    }
    const isChinese = document.documentElement.lang.startsWith("zh");
    const titles = rowsOf(inputs).map((row) => (isChinese ? row[0] || row[1] : row[1] || row[0]) || row[2] || "…");
    return [...titles, ...own];
  };

  const button = (sign, label, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "grid-button";
    made.textContent = sign;
    made.setAttribute("aria-label", label);
    made.title = label;
    made.addEventListener("click", act);
    return made;
  };

  function grid(area) {
    if (area.dataset.gridShown || area.id.includes("__prefix__")) {
      return;
    }
    area.dataset.gridShown = "yes";
    const words = JSON.parse(area.dataset.gridWords);
    const frame = document.createElement("div");
    frame.className = "grid-frame";
    area.before(frame);
    area.hidden = true;
    let width = headersOf(area).length;
    let rows = rowsOf(area).map((row) => fitted(row, width));

    function fitted(row, columns) {
      if (!area.dataset.gridFollows) {
        return [...row, ...Array(columns).fill("")].slice(0, columns);
      }
      // The result is the last cell, however many inputs come before it.
      const tests = row.slice(0, -1);
      return [...tests, ...Array(columns).fill("")].slice(0, columns - 1).concat(row.length ? row[row.length - 1] : "");
    }

    function store() {
      const kept = rows.filter((row) => row.some((cell) => cell !== ""));
      area.value = kept.map((row) => row.join("\t").replace(/\t+$/, area.dataset.gridFollows ? "$&" : "")).join("\n");
      area.dispatchEvent(new Event("input", { bubbles: true }));
    }

    function pasted(event, place, column) {
      const text = event.clipboardData.getData("text");
      if (!/[\t\n]/.test(text.trimEnd())) {
        return;
      }
      event.preventDefault();
      text.trimEnd().split(/\r?\n/).forEach((line, down) => {
        rows[place + down] = rows[place + down] || Array(width).fill("");
        line.split("\t").forEach((cell, right) => {
          if (column + right < width) {
            rows[place + down][column + right] = cell.trim();
          }
        });
      });
      store();
      show();
    }

    function cell(place, column, header) {
      const field = document.createElement("input");
      field.className = "grid-cell";
      field.value = rows[place][column];
      field.setAttribute("aria-label", `${header} ${place + 1}`);
      field.autocomplete = "off";
      field.spellcheck = false;
      field.addEventListener("input", () => {
        rows[place][column] = field.value.replace(/[\t\n]/g, " ");
        store();
      });
      field.addEventListener("paste", (event) => pasted(event, place, column));
      return field;
    }

    function line(place, headers) {
      const row = document.createElement("tr");
      headers.forEach((header, column) => row.insertCell().append(cell(place, column, header)));
      const last = row.insertCell();
      last.className = "grid-buttons";
      if (place > 0) {
        last.append(
          button("↑", words.up, () => {
            [rows[place - 1], rows[place]] = [rows[place], rows[place - 1]];
            store();
            show();
          }),
        );
      }
      last.append(
        button("×", words.remove, () => {
          rows.splice(place, 1);
          store();
          show();
        }),
      );
      return row;
    }

    function show() {
      const headers = headersOf(area);
      if (headers.length !== width) {
        width = headers.length;
        rows = rows.map((row) => fitted(row, width));
        store();
      }
      if (rows.length === 0) {
        rows.push(Array(width).fill(""));
      }
      const table = document.createElement("table");
      table.className = "grid-table";
      const head = table.createTHead().insertRow();
      headers.forEach((header) => {
        const title = document.createElement("th");
        title.scope = "col";
        title.textContent = header;
        head.append(title);
      });
      head.insertCell();
      const body = table.createTBody();
      rows.forEach((_row, place) => body.append(line(place, headers)));
      frame.replaceChildren(
        table,
        button(`+ ${words.add}`, words.add, () => {
          rows.push(Array(width).fill(""));
          show();
          frame.querySelector("tbody tr:last-child input").focus();
        }),
      );
    }

    show();
    const inputs = inputsOf(area);
    if (inputs) {
      inputs.addEventListener("input", show);
    }
  }

  const all = (root) => root.querySelectorAll("textarea[data-grid]").forEach(grid);
  document.addEventListener("DOMContentLoaded", () => all(document));
  document.addEventListener("formset:added", (event) => all(event.target));
})();
