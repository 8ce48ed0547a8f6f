// Everything works without this file but passkeys and the refresh of charts; it only saves presses of buttons.
const zoneCookie = '__Host-authplatform-zone';
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && !document.cookie.includes(`${zoneCookie}=${zone}`)) {
  document.cookie = `${zoneCookie}=${zone}; Path=/; Secure; SameSite=Lax; Max-Age=31536000`;
}

for (const field of document.querySelectorAll('[data-submit]')) {
  field.addEventListener('change', () => field.form.requestSubmit());
}

for (const element of document.querySelectorAll('[data-without-script]')) {
  element.hidden = true;
}
