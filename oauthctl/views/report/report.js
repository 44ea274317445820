'use strict';
// Chooses messages. Everything it works on is in the page already; without it all messages stand below each other.
(() => {
  const root = document.documentElement;
  const panel = document.getElementById('panel');
  const steps = [...document.querySelectorAll('a.step')];
  const messages = new Map([...document.querySelectorAll('article.message')].map((one) => [one.dataset.message, one]));
  const order = [...new Set(steps.map((step) => step.dataset.message))];
  let chosen = '';

  const shown = (id) => steps.find((step) => step.dataset.message === id && step.getClientRects().length > 0);
  const isStacked = () => matchMedia('(max-width: 60rem)').matches;

  const choose = (id, { focus = false, scroll = false, keep = true } = {}) => {
    chosen = messages.has(id) ? id : '';
    // The address says what is shown, so that it can be sent to others and survives a reload; going back leaves the page.
    if (keep) history.replaceState(null, '', chosen ? `#message-${chosen}` : '#overview');
    root.classList.toggle('choosing', chosen !== '');
    for (const [key, article] of messages) article.classList.toggle('chosen', key === chosen);
    for (const step of steps) {
      const isChosen = step.dataset.message === chosen;
      if (isChosen) step.setAttribute('aria-current', 'true');
      else step.removeAttribute('aria-current');
      // The reply to a held request is reached with the request.
      if (step.classList.contains('reply')) step.tabIndex = -1;
      else step.tabIndex = isChosen || (!chosen && step.dataset.message === order[0]) ? 0 : -1;
    }
    panel.scrollTop = 0;
    const step = shown(chosen || order[0]);
    if (focus && step) step.focus({ preventScroll: true });
    if (focus && step && chosen) step.scrollIntoView({ block: 'nearest' });
    if (scroll && isStacked()) (messages.get(chosen) || panel).scrollIntoView({ block: 'start' });
  };

  const read = () => {
    const heading = chosen ? messages.get(chosen).querySelector('h3') : document.querySelector('#overview h2');
    heading.focus({ preventScroll: !isStacked() });
  };

  const step = (key) => {
    const at = order.indexOf(chosen);
    if (key === 'Home') return order[0];
    if (key === 'End') return order[order.length - 1];
    if (key === 'ArrowDown') return order[Math.min(at + 1, order.length - 1)];
    return order[Math.max(at - 1, 0)];
  };

  document.addEventListener('click', (event) => {
    const link = event.target.closest('a[data-message], a[data-go]');
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      choose(link.dataset.message || link.dataset.go, { scroll: true });
      if (!link.classList.contains('step') || event.detail === 0) read();
      return;
    }
    const mark = event.target.closest('mark[data-secret]');
    if (mark) {
      const same = mark.dataset.secret;
      const isOn = mark.classList.contains('same');
      for (const one of document.querySelectorAll('mark[data-secret]')) {
        one.classList.toggle('same', !isOn && one.dataset.secret === same);
      }
    }
  });

  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const isReading = panel.contains(document.activeElement);
    if (event.key === 'Escape') {
      event.preventDefault();
      choose(isReading ? chosen : '', { focus: true });
    } else if (['ArrowDown', 'ArrowUp', 'Home', 'End'].includes(event.key) && !isReading) {
      event.preventDefault();
      choose(step(event.key), { focus: true });
    }
  });

  const all = document.getElementById('all');
  all.addEventListener('click', () => {
    all.setAttribute('aria-pressed', String(root.classList.toggle('all')));
  });

  const theme = document.getElementById('theme');
  // The first click changes what is seen, whatever the system has.
  const themes = matchMedia('(prefers-color-scheme: dark)').matches ? ['', 'light', 'dark'] : ['', 'dark', 'light'];
  theme.addEventListener('click', () => {
    const next = themes[(themes.indexOf(root.dataset.theme || '') + 1) % themes.length];
    root.dataset.theme = next;
    theme.textContent = `Theme: ${next || 'as the system'}`;
  });

  const opened = () => choose(location.hash.replace('#message-', ''), { scroll: location.hash.startsWith('#message-'), keep: false });
  addEventListener('hashchange', () => { if (location.hash.startsWith('#message-')) opened(); });
  root.classList.add('scripted');
  opened();
})();
