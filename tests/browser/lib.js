// What both scripts share: Chromium, TAP, the mails that left.
'use strict';
const fs = require('fs');
const path = require('path');
const { chromium } = require('playwright-core');

const plan = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
let failed = 0;

// A page that never answers (evaluate() has no deadline of its own) fails its
// test, not the suite.
const TEST_MS = 120000 * (process.env.ASAN_OPTIONS ? 4 : 1);

async function test(name, fn) {
  const began = Date.now(), said = [];
  let timer;
  try {
    await Promise.race([fn(), new Promise((_, no) => {
      timer = setTimeout(() => no(new Error(`no end after ${TEST_MS / 1000} s`)), TEST_MS);
    })]);
    said.push(`ok - ${name}`);
  } catch (e) {
    failed = 1;
    said.push(`not ok - ${name}`);
    for (const line of String(e.stack || e).split('\n').slice(0, 40))
      said.push(`#   ${line.slice(0, 600)}`);
  }
  clearTimeout(timer);
  // (Two may run at once: what is said of one stays together.)
  console.log([...said, `# ${((Date.now() - began) / 1000).toFixed(1)} s`].join('\n'));
}

function launch() {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    // Chromium's own sandbox wants a user that is not root; ours is a test.
    args: ['--disable-dev-shm-usage', '--disable-gpu',
      ...(process.getuid() === 0 ? ['--no-sandbox'] : [])],
  });
}

// A context that notes what no page may do: script errors, breaches of the
// CSP, requests that fail or leave the site.
async function context(browser, options = {}) {
  const c = await browser.newContext({ baseURL: plan.base, locale: 'en-GB', ...options });
  c.setDefaultTimeout(15000 * (process.env.ASAN_OPTIONS ? 4 : 1));
  c.faults = [];
  c.on('page', (page) => {
    page.on('pageerror', (e) => c.faults.push(`script error on ${page.url()}: ${e}`));
    page.on('console', (m) => {
      if (m.type() === 'error' && !/status of (4\d\d|503)/.test(m.text()))
        c.faults.push(`console on ${page.url()}: ${m.text()}`);
    });
    page.on('request', (r) => {
      if (!r.url().startsWith(plan.base) && !/^(data|blob|about):/.test(r.url()))
        c.faults.push(`${page.url()} asks for ${r.url()}`);
    });
    page.on('response', (r) => {
      if (r.status() >= 500) c.faults.push(`${r.status()} for ${r.url()}`);
    });
  });
  return c;
}

async function login(c, who) {
  const page = await c.newPage();
  await page.goto('/login');
  await page.getByLabel('E-mail address').fill(`${who}@tocsin.example`);
  await page.getByLabel('Password').fill(plan.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL('**/desk');
  return page;
}

async function until(what, probe, seconds = 20) {
  const end = Date.now() + seconds * 1000 * (process.env.ASAN_OPTIONS ? 4 : 1);
  for (;;) {
    const got = await probe();
    if (got) return got;
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise((ok) => setTimeout(ok, 50));
  }
}

// The mails caught, envelope lines first.
function mails() {
  const dir = path.join(plan.maildir, 'new');
  return fs.readdirSync(dir).sort().map((f) => fs.readFileSync(path.join(dir, f), 'utf8'));
}

function check(ok, what) {
  if (!ok) throw new Error(what);
}

function end() {
  process.exitCode = failed;
}

module.exports = { plan, test, launch, context, login, until, mails, check, end };
