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

  // What stands in a table, the rows that were emptied among them: somebody may be about to fill them again.
  const shownRows = new WeakMap();
  const inputRowsOf = (area) => {
    const inputs = inputsOf(area);
    return inputs ? (shownRows.get(inputs) || rowsOf)(inputs) : [];
  };

  const headersOf = (area) => {
    const isChinese = document.documentElement.lang.startsWith("zh");
    const titled = (row) => (isChinese ? row[0] || row[1] : row[1] || row[0]) || row[2] || "…";
    return [...inputRowsOf(area).map(titled), ...JSON.parse(area.dataset.grid)];
  };

  const isEmpty = (row) => row.every((cell) => cell === "");

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
    shownRows.set(area, () => rows);

    function fitted(row, columns) {
      if (!area.dataset.gridFollows) {
        return [...row, ...Array(columns).fill("")].slice(0, columns);
      }
      // The result is the last cell, however many inputs come before it.
      const tests = row.slice(0, -1);
      return [...tests, ...Array(columns).fill("")].slice(0, columns - 1).concat(row.length ? row[row.length - 1] : "");
    }

    // A column whose input is not written yet, and that nobody filled, is not posted.
    function posted() {
      const inputs = inputRowsOf(area);
      const isSpare = (column) => column < inputs.length && isEmpty(inputs[column]) && isEmpty(rows.map((row) => row[column]));
      return rows.map((row) => row.filter((_cell, column) => !isSpare(column)));
    }

    function store() {
      const kept = posted().filter((row) => !isEmpty(row));
      area.value = kept.map((row) => row.join("\t").replace(/\t+$/, area.dataset.gridFollows ? "$&" : "")).join("\n");
      area.dispatchEvent(new Event("input", { bubbles: true }));
    }

    // Moves a row and says so, for a table whose columns are these rows moves its cells along.
    function moved(from, to) {
      const [row] = rows.splice(from, 1);
      if (to !== null) {
        rows.splice(to, 0, row);
      }
      area.dispatchEvent(new CustomEvent("grid:moved", { detail: { from, to } }));
      store();
      show();
    }

    function follow(event) {
      const { from, to } = event.detail;
      rows.forEach((row) => {
        const [cell] = row.splice(from, 1);
        if (to !== null) {
          row.splice(to, 0, cell);
        }
      });
      width -= to === null ? 1 : 0;
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
          button("↑", words.up, () => moved(place, place - 1)),
        );
      }
      last.append(
        button("×", words.remove, () => moved(place, null)),
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
      inputs.addEventListener("grid:moved", follow);
      inputs.addEventListener("input", () => {
        show();
        store();
      });
    }
  }

  const all = (root) => root.querySelectorAll("textarea[data-grid]").forEach(grid);
  document.addEventListener("DOMContentLoaded", () => all(document));
  document.addEventListener("formset:added", (event) => all(event.target));
})();
