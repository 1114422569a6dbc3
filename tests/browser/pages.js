// Every page of the route table, with odd and long content, and every form with
// something wrong: axe-core light and dark, html-validate, three widths, nothing
// loaded from elsewhere.
'use strict';
const fs = require('fs');
const { HtmlValidate } = require('html-validate');
const { plan, test, launch, context, login, check, end } = require('./lib');

const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const WIDTHS = [360, 800, 1440];
const html = new HtmlValidate({
  extends: ['html-validate:standard'],
  rules: {
    // Style of the source, not what a browser makes of it.
    'void-style': 'off',
    'no-trailing-whitespace': 'off',
    'long-title': 'off', // titles hold what people write
    'require-sri': 'off', // all is our own
  },
});

async function findings(page, runOnly = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']) {
  if (!await page.evaluate(() => Boolean(window.axe))) await page.evaluate(axe);
  const got = await page.evaluate((rules) => window.axe.run(document, {
    resultTypes: ['violations'],
    runOnly: rules,
  }), runOnly);
  return got.violations.map((v) =>
    `axe ${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(' | ')}`);
}

async function widths(page) {
  const bad = [];
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 });
    const over = await page.evaluate(() => {
      const wide = document.documentElement.scrollWidth - window.innerWidth;
      if (wide <= 0) return null;
      const who = [...document.querySelectorAll('body *')]
        .filter((e) => e.getBoundingClientRect().right > window.innerWidth + 1)
        .map((e) => e.tagName.toLowerCase() + (e.className ? `.${e.className}` : ''));
      return `${wide} px too wide: ${who.slice(0, 6).join(' ')}`;
    });
    if (over) bad.push(`at ${width} px ${over}`);
    for (const c of await cut(page)) bad.push(`at ${width} px ${c}`);
  }
  return bad;
}

// What is cut off to hide the dot before the first fact of a line is no letter.
async function cut(page) {
  return page.evaluate(() => {
    const bad = [];
    for (const e of document.querySelectorAll('.sub-line, .dots')) {
      const inset = /^inset\((?:\S+ ){3}(?:calc\()?([\d.]+)px/.exec(getComputedStyle(e).clipPath);
      if (!inset || !e.checkVisibility()) continue;
      const from = e.getBoundingClientRect().left + Number(inset[1]);
      const range = document.createRange();
      const walk = document.createTreeWalker(e, NodeFilter.SHOW_TEXT);
      while (walk.nextNode()) {
        range.selectNodeContents(walk.currentNode);
        for (const r of range.getClientRects())
          if (r.width > 2 && r.left < from - 1)
            bad.push(`cut off: ${walk.currentNode.data.trim().slice(0, 60)}`);
      }
    }
    return bad.slice(0, 3);
  });
}

async function look(page, source) {
  const bad = [];
  const report = await html.validateString(source);
  for (const r of report.results)
    for (const m of r.messages)
      bad.push(`html ${m.ruleId} line ${m.line}: ${m.message}: ` +
        `${(source.split('\n')[m.line - 1] || '').trim().slice(0, 120)}`);
  // Everything that folds is open, so that it is looked at too.
  const open = () => page.evaluate(() => {
    for (const d of document.querySelectorAll('details')) { d.removeAttribute('name'); d.open = true; }
  });
  await open();
  for (const colorScheme of ['light', 'dark']) {
    // (A colour on its way to another is neither the one nor the other.)
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    // (Of all the rules, only those on contrast see another page in the dark.)
    const rules = colorScheme === 'dark' ? { type: 'rule', values: ['color-contrast', 'link-in-text-block'] } : undefined;
    for (const f of await findings(page, rules)) bad.push(`${colorScheme} ${f}`);
  }
  bad.push(...await widths(page));
  await page.setViewportSize({ width: 1280, height: 800 });
  check(bad.length === 0, bad.slice(0, 15).join('\n'));
}

(async () => {
  const browser = await launch();
  const seen = [];
  const visit = async (c, page, path, who) => {
    await test(`${who} ${path.length > 60 ? `${path.slice(0, 60)}...` : path}`, async () => {
      c.faults.length = 0;
      const response = await page.goto(path);
      check(response.status() < 500, `status ${response.status()}`);
      seen.push(new URL(page.url()).pathname);
      await look(page, await response.text());
      check(c.faults.length === 0, c.faults.join('\n'));
    });
  };
  const mistake = async (c, page, e) => {
    await test(`form with an error on ${e.page}`, async () => {
      c.faults.length = 0;
      await page.goto(e.page);
      const form = page.locator(e.form).first();
      await form.evaluate((f) => {
        f.noValidate = true;
        for (let d = f.closest('details'); d; d = null) d.open = true;
      });
      for (const [name, value] of Object.entries(e.fill))
        await form.locator(`[name="${name}"]`).first().fill(value);
      const [response] = await Promise.all([
        page.waitForResponse((r) => r.request().method() === 'POST'),
        (e.press ? form.getByRole('button', { name: e.press }) :
          form.locator('button[type="submit"]:not([name="form"]):not([formtarget])').last()).click(),
      ]);
      await page.waitForLoadState();
      check((e.status || [422, 401, 403, 429]).includes(response.status()), `status ${response.status()}`);
      const kept = await page.locator('main').evaluate((m) =>
        [...m.querySelectorAll('input, textarea')].map((i) => i.value).join('\n'));
      for (const [name, value] of Object.entries(e.fill))
        if (name !== 'password') check(kept.includes(value), `lost: ${name} ${value}`);
      // Each problem stands beside its field, too, and is what describes it.
      const alone = await page.evaluate(() =>
        [...document.querySelectorAll('.summary a')].filter((a) => {
          const at = document.getElementById(a.hash.slice(1));
          const fields = at ? [at, ...at.querySelectorAll('*')] : [];
          return !fields.some((f) => (f.getAttribute('aria-describedby') || '').split(/\s+/)
            .some((id) => document.getElementById(id)?.textContent === a.textContent));
        }).map((a) => `${a.hash} ${a.textContent}`));
      check(alone.length === 0, `not beside its field: ${alone.join('; ')}`);
      await look(page, await response.text());
      check(c.faults.length === 0, c.faults.join('\n'));
    });
  };
  const jobs = [
    ...plan.public.map((path) => ['page', path]),
    ...plan.staff.map((path) => ['desk', path]),
    ...plan.lead.map((path) => ['lead', path]),
    ...plan.errors.map((e) => [e.lead ? 'lead' : e.staff ? 'desk' : 'page', e]),
  ];
  const lane = async () => {
    const page = await context(browser), desk = await context(browser), lead = await context(browser);
    const open = {
      page: [page, await page.newPage()],
      desk: [desk, await login(desk, 'analyst')],
      lead: [lead, await login(lead, 'lead')],
    };
    for (let job; (job = jobs.shift());) {
      const [who, what] = job;
      if (typeof what === 'string') await visit(...open[who], what, who);
      else await mistake(...open[who], what);
    }
  };
  try {
    const g = await (await context(browser)).newPage();
    await test('the instruments find what is wrong', async () => {
      await g.setContent('<!DOCTYPE html><html lang="en"><title>x</title><body><main><h1>x</h1>' +
        '<p style="width:2000px;color:#aaa;background:#fff">pale</p><img src="data:,"></main>');
      const found = [...await findings(g), ...await widths(g)].join('\n');
      for (const word of ['color-contrast', 'image-alt', 'at 360 px', 'at 1440 px'])
        check(found.includes(word), `${word} not in ${found}`);
      const report = await html.validateString('<!DOCTYPE html><p><div></p><b id="a" id="a">');
      check(!report.valid && report.results[0].messages.length > 2, 'html-validate is content');
    });
    // One processor draws a page and searches it while the other does the next.
    await Promise.all([lane(), lane()]);
    await test('every page of the route table was looked at', async () => {
      const missed = plan.patterns.filter((p) => {
        const like = new RegExp(`^${p.replace(/:\w+/g, '[^/]+')}$`);
        return !seen.some((path) => like.test(path));
      });
      check(missed.length === 0, missed.join(' '));
      console.log(`# ${seen.length} pages, ${plan.patterns.length} patterns`);
    });
  } finally {
    await browser.close();
  }
  end();
})();
