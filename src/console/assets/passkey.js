// Passkeys: asks the browser what the server asks for, and sends back what it answers. Password and one-time password
// work without this file.
(() => {
  "use strict";

  if (!window.PublicKeyCredential || !navigator.credentials) return;

  const toBytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const toText = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer || [])))
      .replace(/\+/g, "-")
      .replace(/\//g, "_")
      .replace(/=+$/, "");

  const send = async (box, path, body) => {
    const response = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json", "x-form-token": box.dataset.token },
      body: JSON.stringify(body),
    });
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) throw new Error(answer.error || box.dataset.failed);
    return answer;
  };

  const signIn = async (box) => {
    const { request, options } = await send(box, "/sign-in/passkey/ask", {});
    options.challenge = toBytes(options.challenge);
    const used = await navigator.credentials.get({ publicKey: options });
    return send(box, "/sign-in/passkey", {
      request,
      id: toText(used.rawId),
      client_data: toText(used.response.clientDataJSON),
      authenticator_data: toText(used.response.authenticatorData),
      signature: toText(used.response.signature),
      user_handle: toText(used.response.userHandle),
      next: box.dataset.next,
    });
  };

  const register = async (box) => {
    const { request, options } = await send(box, "/account/passkeys/ask", {});
    options.challenge = toBytes(options.challenge);
    options.user.id = toBytes(options.user.id);
    for (const known of options.excludeCredentials) known.id = toBytes(known.id);
    const made = await navigator.credentials.create({ publicKey: options });
    const label = box.querySelector("input");
    return send(box, "/account/passkeys", {
      request,
      client_data: toText(made.response.clientDataJSON),
      attestation_object: toText(made.response.attestationObject),
      label: label ? label.value : "",
    });
  };

  for (const box of document.querySelectorAll("[data-passkey]")) {
    const button = box.querySelector("[data-passkey-start]");
    const error = box.querySelector("[data-passkey-error]");
    const act = box.dataset.passkey === "register" ? register : signIn;
    box.hidden = false;
    button.addEventListener("click", async () => {
      error.textContent = "";
      button.disabled = true;
      try {
        const { next } = await act(box);
        window.location.assign(next);
      } catch (problem) {
        // What the browser says is in its own words; what the server says is in the reader's.
        const own = problem instanceof DOMException || problem instanceof TypeError;
        error.textContent = own ? box.dataset.failed : problem.message;
        button.disabled = false;
      }
    });
  }
})();
