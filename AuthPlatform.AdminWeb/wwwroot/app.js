// Everything works without this file but passkeys and the refresh of charts; it only saves presses of buttons.
const zoneCookie = '__Host-authplatform-zone';
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && !document.cookie.includes(`${zoneCookie}=${zone}`)) {
  document.cookie = `${zoneCookie}=${zone}; Path=/; Secure; SameSite=Lax; Max-Age=31536000`;
}

for (const form of document.querySelectorAll('[data-continue]')) {
  form.requestSubmit();
}

// Pressed once, a form is on its way: the button says so, and a second press does not send it again. Going back gives it back.
document.addEventListener('submit', event => {
  const form = event.target;
  if (event.defaultPrevented || form.dataset.passkey) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = 'true';
  // Perhaps it never arrived.
  setTimeout(() => { delete form.dataset.sent; }, 10_000);
  event.submitter?.setAttribute('aria-busy', 'true');
});
addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form[data-sent]')) delete form.dataset.sent;
  for (const button of document.querySelectorAll('[aria-busy]')) button.removeAttribute('aria-busy');
});

for (const part of document.querySelectorAll('[data-refresh]')) {
  setInterval(async () => {
    // Nobody looks, or somebody is about to press something in it.
    if (document.hidden || part.contains(document.activeElement)) return;
    try {
      const answer = await fetch(part.dataset.refresh, { redirect: 'manual' });
      // The session is over, or something is owed: the page itself is led to where that is put right, and back.
      if (answer.type === 'opaqueredirect') location.reload();
      else if (answer.ok) part.innerHTML = await answer.text();
    } catch {
      // The next time, perhaps.
    }
  }, 10_000);
}

for (const button of document.querySelectorAll('[data-copy]')) {
  button.hidden = false;
  button.addEventListener('click', async () => {
    const source = document.querySelector(button.dataset.copy);
    const lines = source.matches('ul') ? [...source.children].map(item => item.textContent.trim()) : [source.value ?? source.textContent];
    await navigator.clipboard.writeText(lines.join('\n'));
    const label = button.textContent;
    button.textContent = button.dataset.copied;
    setTimeout(() => { button.textContent = label; }, 2000);
  });
}

for (const form of document.querySelectorAll('[data-passkey]')) {
  if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) continue;
  form.hidden = false;
  const use = async event => {
    event.preventDefault();
    const problem = form.querySelector('[role=alert]');
    problem.textContent = '';
    try {
      const answer = await fetch(form.dataset.options, { method: 'POST', body: new FormData(form) });
      if (!answer.ok) throw new Error(answer.statusText);
      const options = await answer.json();
      const credential = form.dataset.passkey === 'create'
        ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
        : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
      form.elements.credential.value = JSON.stringify(credential);
      form.submit();
    } catch {
      problem.textContent = form.dataset.failed;
    }
  };
  form.addEventListener('submit', use);
  form.querySelector('button[type=button]')?.addEventListener('click', use);
}
