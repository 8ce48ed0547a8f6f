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
  if (event.defaultPrevented) return;
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
  // Above it stands the button that stops this, and since when it has been as it is.
  const bar = part.previousElementSibling;
  const [status, pause] = [bar.querySelector('[role=status]'), bar.querySelector('button')];
  let refreshed = new Date();
  const tell = isFresh => {
    if (isFresh) refreshed = new Date();
    const text = isFresh ? '' : status.dataset.stale.replace('{0}', refreshed.toLocaleTimeString(document.documentElement.lang));
    // Said again, it would be read out again.
    if (status.textContent !== text) status.textContent = text;
  };
  const isPaused = () => pause.getAttribute('aria-pressed') === 'true';
  pause.addEventListener('click', () => pause.setAttribute('aria-pressed', !isPaused()));
  bar.hidden = false;
  setInterval(async () => {
    if (isPaused()) return tell(false);
    if (document.hidden) return;
    // Somebody is about to press something in it.
    if (part.contains(document.activeElement)) return tell(false);
    try {
      const answer = await fetch(part.dataset.refresh, { redirect: 'manual', signal: AbortSignal.timeout(9_000) });
      // The session is over, or something is owed: the page itself is led to where that is put right, and back.
      if (answer.type === 'opaqueredirect') return location.reload();
      if (answer.ok) part.innerHTML = await answer.text();
      tell(answer.ok);
    } catch {
      tell(false);
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
    // A second request for a challenge would void the first.
    if (form.dataset.sent) return;
    form.dataset.sent = 'true';
    const problem = form.querySelector('[role=alert]');
    problem.textContent = '';
    try {
      const answer = await fetch(form.dataset.options, { method: 'POST', body: new FormData(form), redirect: 'manual' });
      // A new proof is owed, or the session is over. Loaded anew the page is led there and back; it may be the answer to a form, which must not be sent again. An address with a # would only scroll.
      if (answer.type === 'opaqueredirect') return location.assign(location.pathname + location.search);
      if (!answer.ok) throw new Error(answer.statusText);
      const options = await answer.json();
      const credential = form.dataset.passkey === 'create'
        ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
        : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
      form.elements.credential.value = JSON.stringify(credential);
      form.submit();
      setTimeout(() => { delete form.dataset.sent; }, 10_000);
    } catch {
      delete form.dataset.sent;
      problem.textContent = form.dataset.failed;
    }
  };
  form.addEventListener('submit', use);
  form.querySelector('button[type=button]')?.addEventListener('click', use);
}
