// A quicker way where scripts run. No page needs this file.
(() => {
  "use strict";

  // Errors first: whoever reads by ear hears them, whoever reads by eye sees them.
  const errors = document.getElementById("errors");
  if (errors) errors.focus();

  // A key or document may be dropped onto its field.
  for (const field of document.querySelectorAll("[data-drop]")) {
    const input = field.querySelector("input[type=file]");
    if (!input) continue;
    field.addEventListener("dragover", (event) => {
      event.preventDefault();
      field.classList.add("dropping");
    });
    field.addEventListener("dragleave", () => field.classList.remove("dropping"));
    field.addEventListener("drop", (event) => {
      event.preventDefault();
      field.classList.remove("dropping");
      if (event.dataTransfer.files.length) {
        input.files = event.dataTransfer.files;
        input.dispatchEvent(new Event("change", { bubbles: true }));
      }
    });
  }

  // A form is sent once.
  for (const form of document.querySelectorAll("form[data-once]")) {
    form.addEventListener("submit", () => {
      setTimeout(() => {
        for (const button of form.querySelectorAll("button")) button.disabled = true;
      });
      setTimeout(() => {
        for (const button of form.querySelectorAll("button")) button.disabled = false;
      }, 8000);
    });
  }

  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
})();
