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
// An answer to a mail of ours, by whom it went to.
const byMail = (mail, text, head = '', subject = `Re: ${mail.match(/^Subject: (.*?)\r?$/m)[1]}`) =>
  send(to(mail), subject, text,
    `To: ${mail.match(/^Reply-To: .*?<?([^\s<>]+@[^\s<>]+?)>?\r?$/m)[1]}\r\n` +
    `In-Reply-To: ${mail.match(/^Message-ID: (.*?)\r?$/mi)[1]}\r\n${head}`);
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
      // What to do stands on the first screen, however many sources there are.
      const notify = page.getByRole('link', { name: 'Notify' });
      const { y } = await notify.boundingBox();
      check(y < 900, `Notify at ${y} px`);
      check(/^57 more: /.test(await page.locator('.facts > details > summary').innerText()), 'the rest is not told');
      await notify.click();
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
      // One by the link, the others in the first line of a mail.
      await byLink(sent[0], 'AUTHORISED');
      await byMail(sent[1], 'Not traced\n');
      await byMail(sent[2], 'CLEANED\n');
      await byMail(sent[3], 'Cleaned.\n\nA. Admin\n');
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
      await byMail(mail, 'CLEANED\n\nThe page is gone.\n');
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
      await byMail(mail, 'We have received your mail. Do not answer.\n',
        'Auto-Submitted: auto-replied\r\n', 'Your request 4711 was received');
      await until('the end', async () => (await ticket(c, n)).status === 'resolved');
      await page.goto(`/desk/tickets/${n}`);
      check(await page.locator('.head-line .state.is-resolved').count() === 1, 'not shown as closed');
    }));

  await test(`${mode}: a case for named people alone: nobody else finds it, and it is worked to its end`, () =>
    people(async (page, other, c, o) => {
      const subject = `${mark} story of the police`;
      const reporter = `police.${mark}@police.example`;
      const ip = js ? '192.0.2.22' : '192.0.2.23';
      await send(reporter, subject, `${hour()} ${ip} port 40022 to 198.18.9.9 port 22/tcp, a scan\n`);
      const n = await numberOf(c, subject);
      const finds = async () => {
        await other.goto(`/desk?status=any&q=${encodeURIComponent(subject)}`);
        return await other.getByRole('link', { name: subject }).count() > 0;
      };
      check(await finds(), 'the second analyst does not find it before');
      await page.goto(`/desk/tickets/${n}`);
      await page.getByRole('link', { name: 'Restrict', exact: true }).click();
      await page.getByLabel(/^Why/).fill('asked by the police');
      await page.getByRole('button', { name: /^Restrict it/ }).click();
      await page.goto(`/desk/tickets/${n}`);
      check((await page.locator('main').innerText()).includes('asked by the police'), 'not marked');
      check(!await finds(), 'the second analyst finds it');
      check((await other.goto(`/desk/tickets/${n}`)).status() === 404, 'it opens by its number');
      check(!(await (await o.request.get('/api/v1/tickets?status=any&q=story')).text())
        .includes(subject), 'the API tells of it');
      // Its investigation is as restricted.
      await page.getByRole('link', { name: 'Notify' }).click();
      await page.getByRole('button', { name: /^Send to/ }).click();
      await page.waitForSelector('text=The notice is on its way');
      const incident = (await ticket(c, n)).incidents[0].number;
      check((await other.goto(`/desk/tickets/${incident}`)).status() === 404, 'its incident opens');
      // Who is named sees it.
      await page.goto(`/desk/tickets/${n}/restrict`);
      await page.locator('input[name="readers"][value="second@tocsin.example"]').check();
      await page.getByRole('button', { name: /^Only these people/ }).click();
      check(await finds(), 'who is named does not find it');
      const asked = (await ticket(c, incident)).children.find((x) => x.kind === 'investigation');
      await byLink(await mailTo('security@northmoor.example', (m) => m.includes(`#${asked.number}]`)),
        'AUTHORISED');
      await close(page, incident);
      check((await ticket(c, n)).status === 'resolved', 'the report stays open');
      outcomes.push(reporter);
    }));

  await test(`${mode}: a campaign: 400 addresses of 40 organisations, told in one act, watched on its board`, () =>
    people(async (page, other, c) => {
      const title = `${mark} hole in the gateway`;
      const net = (org) => `2001:db8:${js ? 'c1' : 'c2'}${String(org).padStart(2, '0')}::`;
      let text = '';
      for (let i = 0; i < 400; i++)
        text += `${net(i % 40 + 1)}${10 + Math.floor(i / 40)} ${hour()} 443/tcp\n`;
      await page.goto('/desk/campaigns/new');
      await page.getByLabel('What it is about').fill(title);
      await page.getByLabel('Type').selectOption('vulnerable/vulnerable-system');
      await page.getByLabel('Addresses').fill(text + 'this line is no address\n');
      await page.getByLabel(/^What each is asked/).fill('Update the gateway to 9.4 today.');
      await page.getByRole('button', { name: 'Show whom it concerns' }).click();
      await page.waitForURL(/campaigns\/\d+$/);
      const id = page.url().match(/\d+$/)[0];
      const shown = await page.locator('main').innerText();
      check(/40 mails, 400 rows/.test(shown), shown.slice(0, 600));
      check(shown.includes('this line is no address'), 'a line is left out in silence');
      // Two send it at once: it is sent once.
      await other.goto(`/desk/campaigns/${id}`);
      const button = { name: /^Send to those/ };
      await page.getByRole('button', button).click();
      await page.waitForURL('**/board*');
      await other.getByRole('button', button).click();
      await other.waitForLoadState();
      check(/sent|changed|faster/i.test(await other.locator('main').innerText()), 'the second is not told');
      const sent = await until('forty mails', () => {
        const m = mails().filter((x) => /^security@hole\d+\.example$/.test(to(x)) &&
          words(x).includes(title));
        return m.length >= 40 && m;
      }, 60);
      check(sent.length === 40, `${sent.length} mails`);
      for (const mail of sent) {
        const org = Number(to(mail).match(/hole(\d+)/)[1]);
        const ips = new Set(words(mail).match(/2001:db8:[0-9a-f:]+/g));
        check(ips.size === 10 && [...ips].every((ip) => ip.startsWith(net(org))),
          `hole${org} is told of ${[...ips]}`);
        check(words(mail).includes('Update the gateway to 9.4 today.'), 'not what was written');
      }
      await byLink(sent[0], 'CLEANED');
      await byMail(sent[1], 'Cleaned.\n');
      await byMail(sent[2], 'AUTHORISED\n');
      await page.goto(`/desk/campaigns/${id}/board`);
      const board = await page.locator('main').innerText();
      check(board.split('CLEANED').length > 2 && board.includes('AUTHORISED'), 'the board shows no answers');
      await page.locator('input[name="all"]').check();
      await page.getByRole('button', { name: 'Close those with an answer' }).click();
      await page.waitForSelector('.flash, .notice, [role="status"]');
      await until('three are closed', async () => {
        const got = await (await c.request.get(`/api/v1/campaigns/${id}/board`)).json();
        return got.items.filter((x) => x.status === 'resolved').length === 3;
      });
    }));

  await test(`${mode}: who reported hears twice, of the receipt and of the outcome, and no more`, async () => {
    for (const reporter of outcomes) {
      await until(`the outcome for ${reporter}`, () =>
        mails().filter((m) => to(m) === reporter).length >= 2, OUTCOME_WAIT);
      const got = mails().filter((m) => to(m) === reporter);
      check(got.length === 2, `${got.length} mails to ${reporter}`);
    }
    check(outcomes.length === 4, 'a story before did not end');
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
