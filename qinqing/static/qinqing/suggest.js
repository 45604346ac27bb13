"use strict";

// Suggestions below the cursor of a rule that is being written; the server finds them, the keys choose.
// desk.js tells of each editor. Without this file one writes by hand, or from the catalogue.
(() => {
  const HERE = "▮";
  // A number is begun with nothing to choose from.
  const NUMBER = /(^|[^\p{L}\p{N}_.\]])[\d.]+$/u;

  // The server counts characters, a field counts units of UTF-16.
  const counted = (text, units) => Array.from(text.slice(0, units)).length;
  const units = (text, characters) => Array.from(text).slice(0, characters).join("").length;

  // A cell of a table is a rule in short: what stands around it in full comes before and after it.
  function prepared({ field, editor, catalogue, write, before = () => "", after = () => "" }) {
    const list = document.createElement("ul");
    list.className = "feel-suggestions";
    list.id = `${field.id}_suggestions`;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", catalogue.dataset.suggestionsLabel);
    const said = document.createElement("div");
    said.className = "feel-said";
    said.setAttribute("role", "status");
    editor.append(list, said);
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-haspopup", "listbox");
    field.setAttribute("aria-controls", list.id);

    const address = new URL(catalogue.dataset.suggest, location.href);
    address.searchParams.set("field", field.name || "cell");
    list.setAttribute("hx-post", address.pathname + address.search);
    list.setAttribute("hx-trigger", "suggest delay:150ms");
    list.setAttribute("hx-sync", "this:queue last");
    list.setAttribute("hx-target", "this");
    window.htmx.process(list);

    let chosen = null;
    let isWanted = false;
    let asked = null;
    let shown = null;
    let isAsked = false;
    const options = () => Array.from(list.querySelectorAll("[role=option]"));
    const isOpen = () => options().length > 0;

    function choose(option) {
      for (const each of options()) each.setAttribute("aria-selected", String(each === option));
      chosen = option;
      if (!option) return field.removeAttribute("aria-activedescendant");
      field.setAttribute("aria-activedescendant", option.id);
      list.scrollTop = Math.max(0, option.offsetTop + option.offsetHeight - list.clientHeight + 32);
      return undefined;
    }

    const isNow = (then) => then && then.value === field.value && then.at === field.selectionStart;

    function close() {
      isWanted = false;
      asked = shown = null;
      list.replaceChildren();
      said.textContent = "";
      choose(null);
    }

    // The ground lies behind the field with the same letters, so it knows where the cursor is.
    function place() {
      if (!field.name) {
        const [cell, frame] = [field, editor].map((each) => each.getBoundingClientRect());
        list.style.top = `${cell.bottom - frame.top + 2}px`;
        list.style.left = `${Math.max(0, Math.min(cell.left - frame.left, frame.width - list.offsetWidth))}px`;
        list.scrollIntoView({ block: "nearest" });
        return;
      }
      const mirror = editor.querySelector(".feel-ground").cloneNode(false);
      const cursor = document.createElement("span");
      cursor.textContent = HERE;
      mirror.append(field.value.slice(0, field.selectionStart), cursor);
      editor.append(mirror);
      const line = cursor.offsetHeight;
      list.style.top = `${Math.min(cursor.offsetTop + line - field.scrollTop + 4, field.offsetHeight + 2)}px`;
      list.style.left = `${Math.max(0, Math.min(cursor.offsetLeft, editor.offsetWidth - list.offsetWidth))}px`;
      mirror.remove();
      list.scrollIntoView({ block: "nearest" });
    }

    function ask(byHand) {
      const begun = field.value.slice(0, field.selectionStart);
      if (!byHand && (field.selectionStart !== field.selectionEnd || NUMBER.test(begun))) return close();
      isWanted = true;
      isAsked = byHand;
      window.htmx.trigger(list, "suggest");
      return undefined;
    }

    function insert(option) {
      // Who types on before the list has followed would have the word in place of fewer letters; it follows, and waits.
      if (!isNow(shown)) return ask(isAsked);
      const whole = before() + field.value;
      const from = units(whole, Number(option.dataset.from)) - before().length;
      const until = units(whole, Number(option.dataset.until)) - before().length;
      const form = option.dataset.insert;
      close();
      field.setSelectionRange(from, until);
      write(field, form.replace(HERE, ""));
      const here = form.indexOf(HERE);
      if (here >= 0) field.setSelectionRange(from + here, from + here);
      // One step leads to the next: a record's facts, the values of a fact.
      if (here >= 0 || /[.\s]$/.test(form)) ask(false);
      return undefined;
    }

    list.addEventListener("htmx:configRequest", (event) => {
      // Closed while it was about to be asked for.
      if (!isWanted) return event.preventDefault();
      asked = { value: field.value, at: field.selectionStart };
      const whole = before() + field.value;
      event.detail.parameters.cursor = String(counted(whole, before().length + field.selectionStart));
      if (!field.name) event.detail.parameters.cell = whole + after();
      if (isAsked) event.detail.parameters.is_asked = "1";
      return undefined;
    });
    list.addEventListener("htmx:beforeSwap", (event) => {
      if (!isNow(asked) || document.activeElement !== field) event.detail.serverResponse = "";
    });
    list.addEventListener("htmx:afterSwap", () => {
      shown = asked;
      choose(list.querySelector("[data-first]"));
      const keys = list.querySelector("[data-said]");
      said.textContent = keys ? keys.dataset.said : "";
      if (isOpen()) place();
    });
    // A press on the list leaves the cursor in the field.
    list.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) insert(option);
    });

    function step(by) {
      const all = options();
      const at = chosen ? all.indexOf(chosen) : by > 0 ? -1 : 0;
      choose(all[(at + by + all.length) % all.length]);
    }

    field.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.altKey && event.key === "ArrowDown") ask(true);
      else if (!isOpen() || event.ctrlKey || event.metaKey || event.altKey) return;
      else if (event.key === "ArrowDown") step(1);
      else if (event.key === "ArrowUp") step(-1);
      else if ((event.key === "Enter" || (event.key === "Tab" && !event.shiftKey)) && chosen) insert(chosen);
      else if (event.key === "Escape") close();
      else {
        if (["ArrowLeft", "ArrowRight", "Home", "End", "Enter", "Tab"].includes(event.key)) close();
        return;
      }
      event.preventDefault();
      event.stopPropagation();
    });
    // While an input method composes, nothing is written yet.
    field.addEventListener("input", (event) => {
      if (!event.isComposing) ask(false);
    });
    field.addEventListener("compositionend", () => ask(false));
    field.addEventListener("blur", close);
    field.addEventListener("mousedown", close);
  }

  document.addEventListener("feel:prepared", (event) => prepared(event.detail));
})();
