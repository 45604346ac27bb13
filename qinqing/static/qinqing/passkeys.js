// Says in the page what allauth's script would only write for programmers, and hides what this browser cannot do.
"use strict";

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const note = document.getElementById("passkey-fault");
  if (note) note.hidden = false;
});

document.addEventListener("DOMContentLoaded", () => {
  if (window.PublicKeyCredential) return;
  document.querySelectorAll("[data-passkey]").forEach((button) => { button.hidden = true; });
});
