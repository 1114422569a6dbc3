// Whole cases from arrival to close, as people work them, with JavaScript and
// without, two analysts at once; and the acts from a fresh report to the
// member told are counted.
'use strict';
const net = require('net');
const { plan, test, launch, context, login, until, mails, check, end } = require('./lib');

const OUTCOME_WAIT = 90; // seconds; the timer looks twice a minute

function hour(minutes = 0) {
  return new Date(Date.now() - 3600e3 + minutes * 60e3).toISOString().replace(/\.\d+/, '');
}

// A mail by SMTP; resolves when it is taken.
function send(from, subject, text, head = '') {
  const to = head.includes('To:') ? '' : 'To: report@tocsin.example\r\n';
  const rcpt = (head.match(/^To: (\S+)/m) || [0, 'report@tocsin.example'])[1];
  const body = `From: ${from}\r\n${to}${head}Subject: ${subject}\r\n` +
    `Date: ${new Date().toUTCString().replace('GMT', '+0000')}\r\n` +
    `Message-ID: <${Date.now()}.${Math.random()}@stories.example>\r\n\r\n` +
    text.replace(/\r?\n/g, '\r\n').replace(/^\./gm, '..') + '\r\n.\r\n';
  const lines = ['EHLO stories.example\r\n', `MAIL FROM:<${from}>\r\n`,
    `RCPT TO:<${rcpt}>\r\n`, 'DATA\r\n', body];
  return new Promise((done, failed) => {
    const s = net.connect(plan.smtp, '127.0.0.1');
    let text = '';
    s.on('error', failed);
    s.setTimeout(30000, () => failed(new Error(`SMTP: no answer after ${text}`)));
    s.on('data', (d) => {
      text += d;
      if (!/^\d{3} .*\r\n$/m.test(text.split('\r\n').slice(-2).join('\r\n'))) return;
      const last = text.trim().split('\r\n').pop();
      text = '';
      if (/^[45]/.test(last)) failed(new Error(`SMTP: ${last}`));
      else if (lines.length) s.write(lines.shift());
      else { s.end('QUIT\r\n'); done(last); }
    });
  });
}

const to = (m) => (m.match(/^X-Catcher-To: (.*?)\r?$/m) || [0, ''])[1].replace(/[<>]/g, '');
// Quoted-printable or base64 or neither: the words of a mail.
function words(m) {
  return m.replace(/^((?:[A-Za-z0-9+/]{60,76}\r?\n)+[A-Za-z0-9+/=]+)\r?$/gm,
    (b) => Buffer.from(b, 'base64').toString('utf8'))
    .replace(/=\r?\n/g, '').replace(/=([0-9A-F]{2})/g, (x, h) => String.fromCharCode(parseInt(h, 16)));
}
const mailTo = (who, probe, what) => until(what || `a mail to ${who}`, () =>
  mails().find((m) => to(m) === who && probe(m)), 60);

async function stories(browser, js) {
  const mode = js ? 'with JavaScript' : 'without JavaScript';
  const mark = js ? 'scripted' : 'plain';
  const outcomes = [];
  const people = async (fn) => {
    const a = await context(browser, { javaScriptEnabled: js });
    const b = await context(browser, { javaScriptEnabled: js });
    try {
      await fn(await login(a, 'analyst'), await login(b, 'second'), a, b);
      for (const c of [a, b]) check(c.faults.length === 0, c.faults.join('\n'));
    } finally {
      await a.close();
      await b.close();
    }
  };
  const numberOf = async (c, subject) => until(`the ticket ${subject}`, async () => {
    const got = await (await c.request.get(
      `/api/v1/tickets?status=any&q=${encodeURIComponent(subject)}`)).json();
    return got.items && got.items.length && got.items[got.items.length - 1].number;
  });
  const ticket = async (c, n) => (await c.request.get(`/api/v1/tickets/${n}`)).json();
  // The answer behind the signed link in a notice, by somebody without an account.
  const byLink = async (mail, result) => {
    const c = await context(browser, { javaScriptEnabled: js });
    try {
      const page = await c.newPage();
      await page.goto(words(mail).match(/http:\/\/\S+(\/n\/[^\s>]+)/)[1]);
      await page.locator(`input[name="result"][value="${result}"]`).check();
      await page.locator('main form button').click();
      await page.waitForSelector('text=the answer has arrived');
    } finally {
      await c.close();
    }
  };
  const close = async (page, n, label = 'Resolve') => {
    await page.goto(`/desk/tickets/${n}`);
    const box = page.locator('details#status');
    if (await box.getAttribute('open') === null) await box.locator('summary').click();
    await box.getByRole('button', { name: label, exact: true }).first().click();
    await page.waitForSelector('.head-line .state.is-resolved');
  };

  await test(`${mode}: a scan: from the queue to the member told in three acts, answered by the link, closed`, () =>
    people(async (page, other, c) => {
      const subject = `${mark} story of a scan`;
      const reporter = `scan.${mark}@isp.example`;
      const ip = js ? '192.0.2.20' : '192.0.2.21';
      await send(reporter, subject, `${hour()} ${ip} port 40022 to 198.18.9.9 port 22/tcp, a scan\n`);
      const n = await numberOf(c, subject);
      await page.goto(`/desk?q=${encodeURIComponent(subject)}`);
      await other.goto(`/desk/tickets/${n}`);
      let acts = 0;
      const act = async (fn) => { acts++; await fn(); };
      if (js) {
        await act(() => page.keyboard.press('Enter'));
        // (Nothing is chosen yet where the script waits for j.)
        if (!page.url().includes('/tickets/')) {
          acts = 0;
          await act(() => page.getByRole('link', { name: subject }).first().click());
        }
        await page.waitForURL(`**/desk/tickets/${n}`);
        await act(() => page.keyboard.press('n'));
        await page.waitForURL('**/notify');
        await act(() => page.keyboard.press('s'));
      } else {
        await act(() => page.getByRole('link', { name: subject }).first().click());
        await page.waitForURL(`**/desk/tickets/${n}`);
        await act(() => page.getByRole('link', { name: 'Notify' }).click());
        await act(() => page.getByRole('button', { name: /^Send to/ }).click());
      }
      await page.waitForSelector('text=The notice is on its way');
      check(acts <= 3, `${acts} acts`);
      console.log(`# ${mode}: ${acts} acts from the queue to the notice`);
      // Who came too late is told so, and told nobody twice.
      await other.getByRole('button', { name: 'Take' }).click();
      await other.waitForSelector('text=Somebody was faster');
      const t = await ticket(c, n);
      const incident = t.incidents[0].number;
      const asked = (await ticket(c, incident)).children.find((x) => x.kind === 'investigation');
      const mail = await mailTo('security@northmoor.example', (m) => m.includes(`#${asked.number}]`));
      check(words(mail).includes(ip), 'the address is not in it');
      check(!words(mail).includes(reporter), 'the member learns who reported');
      await byLink(mail, 'CLEANED');
      await page.goto(`/desk/tickets/${incident}`);
      check((await page.locator('main').innerText()).includes('CLEANED'), 'the incident shows no answer');
      await close(page, incident);
      const done = await ticket(c, n);
      check(done.status === 'resolved', `the report is ${done.status}`);
      outcomes.push(reporter);
    }));

  await test(`${mode}: denial of service by 60 sources in 9 organisations: each hears of its own alone`, () =>
    people(async (page, other, c) => {
      const subject = `${mark} story of a flood`;
      const reporter = `flood.${mark}@isp.example`;
      const third = js ? 64 : 65;
      let text = 'A flood hits our resolver.\n';
      const own = {};
      for (let i = 0; i < 60; i++) {
        const ip = `100.${third}.${i % 9 + 1}.${100 + i}`;
        (own[i % 9 + 1] ||= []).push(ip);
        text += `${hour(i / 10)} ${ip} port 53 to 198.18.0.53 port 53/udp, denial of service\n`;
      }
      await send(reporter, subject, text);
      const n = await numberOf(c, subject);
      await other.goto(`/desk/tickets/${n}/notify`);
      await page.goto(`/desk/tickets/${n}`);
      await page.getByRole('link', { name: 'Notify' }).click();
      check(await page.locator('[name="party"]:checked').count() === 9, 'not nine parties');
      await page.getByRole('button', { name: /^Send to those/ }).click();
      await page.waitForSelector('text=9 notices are on their way');
      await other.getByRole('button', { name: /^Send to those/ }).click();
      await other.waitForSelector('.summary, .notice.warn');
      const sent = await until('nine mails', () => {
        const m = mails().filter((x) => /^security@flood\d\.example$/.test(to(x)) &&
          words(x).includes(`100.${third}.`));
        return m.length >= 9 && m;
      });
      check(sent.length === 9, `${sent.length} mails: the second analyst sent them again`);
      for (const mail of sent) {
        const org = Number(to(mail).match(/flood(\d)/)[1]);
        const all = words(mail);
        for (const [k, ips] of Object.entries(own))
          for (const ip of ips)
            check(all.includes(ip) === (Number(k) === org), `${ip} and flood${org}`);
      }
      for (const [i, result] of ['CLEANED', 'NOT-TRACED', 'AUTHORISED'].entries())
        await byLink(sent[i], result);
      // One answers as a person, the first line of the mail.
      const said = sent[3];
      await send(to(said), `Re: ${said.match(/^Subject: (.*?)\r?$/m)[1]}`, 'Cleaned.\n\nA. Admin\n',
        `To: ${(said.match(/^Reply-To: .*?<?([^\s<>]+@[^\s<>]+?)>?\r?$/m))[1]}\r\n` +
        `In-Reply-To: ${said.match(/^Message-ID: (.*?)\r?$/mi)[1]}\r\n`);
      const incident = (await ticket(c, n)).incidents[0].number;
      await until('four answers', async () => {
        await page.goto(`/desk/tickets/${incident}`);
        return (await page.locator('.case strong').allInnerTexts()).filter((x) =>
          /CLEANED|NOT-TRACED|AUTHORISED/.test(x)).length === 4;
      });
      await close(page, incident);
      check((await ticket(c, n)).status === 'resolved', 'the report stays open');
      outcomes.push(reporter);
    }));

  await test(`${mode}: a phishing page abroad: the hoster's abuse desk is asked, and its answer closes the case`, () =>
    people(async (page, other, c) => {
      const subject = `${mark} story of a phishing page`;
      const reporter = `phish.${mark}@bank.example`;
      const ip = js ? '198.18.40.7' : '198.18.40.8';
      await send(reporter, subject,
        `A phishing page asks for passwords: hxxp://login.${mark}-bank.example/verify on ${ip}, seen ${hour()}\n`);
      const n = await numberOf(c, subject);
      await page.goto(`/desk/tickets/${n}`);
      check(!(await page.locator('main').innerText()).includes(`http://login.${mark}`), 'not defanged');
      await page.getByRole('link', { name: 'Notify' }).click();
      await page.getByRole('button', { name: /^Send to abuse@hoster.example/ }).click();
      await page.waitForSelector('text=The notice is on its way');
      const mail = await mailTo('abuse@hoster.example', (m) => words(m).includes(ip));
      await send('abuse@hoster.example', `Re: ${mail.match(/^Subject: (.*?)\r?$/m)[1]}`,
        'CLEANED\n\nThe page is gone.\n',
        `To: ${(mail.match(/^Reply-To: .*?<?([^\s<>]+@[^\s<>]+?)>?\r?$/m))[1]}\r\n` +
        `In-Reply-To: ${mail.match(/^Message-ID: (.*?)\r?$/mi)[1]}\r\n`);
      const incident = (await ticket(c, n)).incidents[0].number;
      await until('the answer', async () => {
        await page.goto(`/desk/tickets/${incident}`);
        return (await page.locator('.case').innerText()).includes('CLEANED');
      });
      await close(page, incident);
      check((await ticket(c, n)).status === 'resolved', 'the report stays open');
      outcomes.push(reporter);
    }));

  await test(`${mode}: a copyright notice runs by itself, from arrival to close`, () =>
    people(async (page, other, c) => {
      const ip = js ? '198.51.100.31' : '198.51.100.32';
      const id = `RX-${mark}`;
      await send(`notices.${mark}@rights.example`, `Notice of infringement ${id}`, plan.acns
        .replace('@IP@', ip).replace('@ID@', id).replace(/@TIME@/g, hour()));
      const n = await numberOf(c, `Notice of infringement ${id}`);
      const mail = await mailTo('copyright@eastvale.example', (m) => words(m).includes(ip));
      await send('copyright@eastvale.example', 'Your request 4711 was received',
        'We have received your mail. Do not answer.\n',
        `To: ${(mail.match(/^Reply-To: .*?<?([^\s<>]+@[^\s<>]+?)>?\r?$/m))[1]}\r\n` +
        `In-Reply-To: ${mail.match(/^Message-ID: (.*?)\r?$/mi)[1]}\r\nAuto-Submitted: auto-replied\r\n`);
      await until('the end', async () => (await ticket(c, n)).status === 'resolved');
      await page.goto(`/desk/tickets/${n}`);
      check(await page.locator('.head-line .state.is-resolved').count() === 1, 'not shown as closed');
    }));

  await test(`${mode}: who reported hears twice, of the receipt and of the outcome, and no more`, async () => {
    for (const reporter of outcomes) {
      await until(`the outcome for ${reporter}`, () =>
        mails().filter((m) => to(m) === reporter).length >= 2, OUTCOME_WAIT);
      const got = mails().filter((m) => to(m) === reporter);
      check(got.length === 2, `${got.length} mails to ${reporter}`);
    }
    check(outcomes.length === 3, 'a story before did not end');
  });
}

(async () => {
  const browser = await launch();
  try {
    await stories(browser, true);
    await stories(browser, false);
  } finally {
    await browser.close();
  }
  end();
})();
