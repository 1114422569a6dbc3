// The way of a report through the desk, as people walk it, twice: with
// JavaScript and without.
'use strict';
const { plan, test, launch, context, login, until, mails, check, end } = require('./lib');

async function walk(browser, js) {
  const mode = js ? 'with JavaScript' : 'without JavaScript';
  const mark = js ? 'scripted' : 'plain';
  const options = { javaScriptEnabled: js };
  const open = async (fn) => {
    const c = await context(browser, options);
    try {
      await fn(c);
      check(c.faults.length === 0, c.faults.join('\n'));
    } finally {
      await c.close();
    }
  };
  let ticket, advisory;

  await test(`${mode}: a report; what is wrong is said and what was typed is kept`, () =>
    open(async (c) => {
      const page = await c.newPage();
      await page.goto('/');
      await page.getByRole('link', { name: 'Report abuse' }).first().click();
      await page.getByLabel(/In one or two sentences/).fill(`A ${mark} scan & more <b>`);
      await page.getByLabel(/Source address/).fill('192.0.2.999');
      await page.getByLabel(/Target port/).fill('22');
      await page.getByLabel(/First seen/).fill('2026-11-20 04:10');
      await page.getByLabel(/time zone/).selectOption('+01:00');
      await page.getByLabel(/Your e-mail address/).fill(`${mark}@reporter.example`);
      await page.getByRole('button', { name: 'Send the report' }).click();
      await page.waitForSelector('[aria-invalid="true"]');
      check(/^Error/.test(await page.title()), 'the title does not say Error');
      const summary = page.locator('.summary');
      check(await summary.isVisible(), 'no summary of errors');
      await summary.getByRole('link').first().click();
      check(await page.evaluate(() => location.hash === '#source_ip'),
        'the summary does not lead to the field');
      const kept = await page.getByLabel(/In one or two sentences/).inputValue();
      check(kept === `A ${mark} scan & more <b>`, `kept: ${kept}`);
      check(await page.getByLabel(/time zone/).inputValue() === '+01:00', 'the zone is lost');
      const address = page.locator('#source_ip');
      check(await address.inputValue() === '192.0.2.999', 'the address is lost');
      await address.fill('192.0.2.10');
      if (js) {
        await page.locator('#statement').focus();
        await until('the answer under the address', async () =>
          /Northmoor|our network|member/i.test(await page.locator('#source_ip-answer').innerText()));
      }
      await page.getByRole('button', { name: 'Send the report' }).click();
      await page.waitForURL('**/report/receipt/**');
      ticket = (await page.locator('main').innerText()).match(/#(\d+)/)[1];
      await until('the receipt by mail', () => mails().some((m) =>
        m.includes(`<${mark}@reporter.example>`) && m.includes(`#${ticket}]`)));
    }));

  await test(`${mode}: times without a zone: a folded box, so that the mail stands high`, () =>
    open(async (c) => {
      const a = await c.request.post('/api/v1/reports', { data: {
        type: 'scan', statement: `No zone, ${mark}.`, source_ip: '192.0.2.11',
        start: '2026-11-20 04:10', email: 'zone@reporter.example' } });
      check(a.status() === 201, `not taken: ${a.status()}`);
      const n = (await a.json()).number;
      const page = await login(c, 'analyst');
      await page.goto(`/desk/tickets/${n}`);
      const box = page.locator('details.zones');
      check(await box.getAttribute('open') === null, 'the box stands open');
      check(/^1 time has no zone: settle$/.test((await box.innerText()).trim()),
        `the box says: ${await box.innerText()}`);
      const folded = (await box.boundingBox()).height;
      check(folded < 60, `folded it is ${folded} px high`);
      await box.locator('summary').click();
      await box.getByLabel('Zone').fill('+01:00');
      await box.getByRole('button', { name: 'This zone for all' }).click();
      await page.waitForSelector('text=1 time is changed');
      check((await page.locator('.facts').innerText()).includes('2026-11-20 03:10'),
        'the time is not settled');
    }));

  await test(`${mode}: it stands in the queue; take, reply, comment, notify, resolve`, () =>
    open(async (c) => {
      const page = await login(c, 'analyst');
      await page.getByRole('searchbox').fill(`#${ticket}`);
      await page.getByRole('searchbox').press('Enter');
      await page.waitForLoadState();
      if (!/tickets\//.test(page.url()))
        await page.getByRole('link', { name: new RegExp(`${mark} scan`) }).first().click();
      await page.waitForURL(`**/desk/tickets/${ticket}`);
      const facts = await page.locator('.facts').innerText();
      check(facts.includes('192[.]0[.]2[.]10'), `not defanged: ${facts}`);
      check(/Northmoor/.test(facts), `whose: ${facts}`);
      await page.getByRole('button', { name: 'Take' }).click();
      await page.waitForSelector('text=The ticket is yours');
      check(await page.locator('[data-key="t"]').count() === 0, 'its owner may take it again');

      const act = async (id, fill, button, said) => {
        const box = page.locator(`details#${id}`);
        if (!await box.getAttribute('open').then((v) => v !== null))
          await box.locator('summary').click();
        for (const [name, value] of Object.entries(fill))
          await box.locator(`[name="${name}"]`).fill(value);
        await box.getByRole('button', { name: button }).click();
        await page.waitForSelector(`text=${said}`);
      };
      await act('reply', { text: `Thank you, ${mark}.` }, /^Send to/, 'The reply is on its way');
      await until('the reply', () => mails().some((m) =>
        m.includes(`Thank you, ${mark}.`) && m.includes(`X-Catcher-To: <${mark}@reporter.example>`)));
      await act('comment', { text: `Only for us, ${mark}.` }, 'Save private comment',
        'The comment is saved');
      // From the ticket to the member told: two keys.
      await page.getByRole('link', { name: 'Notify' }).click();
      await page.waitForURL(`**/desk/tickets/${ticket}/notify`);
      check((await page.locator('#notify-text').inputValue()).includes('192.0.2.10'),
        'the exact mail is shown');
      const number = await page.locator('[name="number"]').inputValue();
      await page.getByRole('button', { name: /^Send to/ }).click();
      await page.waitForSelector('text=The notice is on its way');
      await until('the notice', () => mails().some((m) =>
        m.includes('X-Catcher-To: <security@northmoor.example>') && m.includes(`#${number}]`)));
      const box = page.locator('details#status');
      await box.locator('summary').click();
      await box.getByRole('button', { name: 'Resolve' }).click();
      await page.waitForSelector('.state.is-resolved');
      check(!mails().some((m) => m.includes(`Only for us, ${mark}`)), 'a comment was sent');
      const thread = await page.locator('.thread').innerText();
      for (const words of [`Thank you, ${mark}.`, `Only for us, ${mark}.`])
        check(thread.includes(words), `not in the thread: ${words}`);
    }));

  await test(`${mode}: two tickets are ticked and given away at once, and that is undone`, () =>
    open(async (c) => {
      const page = await login(c, 'analyst');
      await page.goto('/desk');
      const ticked = page.locator('td.tick :checked');
      if (js) {
        for (const key of ['j', 'x', 'j', 'x']) await page.keyboard.press(key);
        check(await ticked.count() === 2, `${await ticked.count()} ticked`);
        const all = page.getByLabel('All on this page');
        await all.check();
        const n = await page.locator('td.tick input').count();
        check(await page.getByRole('button', { name: `Act on the selected (${n})` }).count() === 1,
          'how many are selected is not said');
        await all.uncheck();
        for (const key of ['x', 'k', 'x']) await page.keyboard.press(key);
        await page.keyboard.press('b');
      } else {
        for (const i of [0, 1]) await page.locator('.tick input').nth(i).check();
        await page.getByRole('button', { name: 'Act on the selected' }).click();
      }
      await page.waitForURL('**/desk/bulk/*');
      await page.getByLabel('Give them to').selectOption({ label: 'Sam Second' });
      await page.getByRole('button', { name: 'when they are given away' }).click();
      await page.waitForSelector('text=2 go to Sam Second.');
      await page.getByRole('button', { name: 'Do it to 2' }).click();
      await page.getByRole('button', { name: 'Undo it all' }).click();
      await page.waitForSelector('text=Undone.');
    }));

  await test(`${mode}: an advisory is written; its author cannot approve it`, () =>
    open(async (c) => {
      const page = await login(c, 'analyst');
      await page.getByRole('link', { name: 'Advisories' }).click();
      await page.getByRole('link', { name: 'Write an advisory' }).click();
      await page.getByLabel('Title').fill(`The ${mark} hole`);
      await page.locator('#body').fill(`Patch the *${mark}* thing now.\n\nAll versions.`);
      await page.getByLabel(/TLP:CLEAR/).check();
      for (const box of await page.locator('[name="lists"]').all()) await box.check();
      await page.locator('[name="topics"]').first().check();
      await page.getByLabel(/CVEs/).fill('nonsense');
      await page.getByRole('button', { name: 'Save and preview' }).click();
      await page.waitForSelector('.error');
      check(await page.getByLabel('Title').inputValue() === `The ${mark} hole`, 'title lost');
      check(await page.getByLabel(/TLP:CLEAR/).isChecked(), 'marking lost');
      check((await page.locator('[name="lists"]:checked').count()) === 2, 'lists lost');
      await page.getByLabel(/CVEs/).fill('CVE-2026-12345');
      await page.getByRole('button', { name: 'Save and preview' }).click();
      await page.waitForURL(/advisories\/\d+$/);
      advisory = page.url().match(/\d+$/)[0];
      check((await page.locator('pre.mail').innerText()).includes(`*${mark}* thing now`),
        'no preview of the mail');
      check(await page.locator(`.prose em:text("${mark}")`).count() > 0, 'no preview of the page');
      check(await page.getByRole('button', { name: 'Approve' }).count() === 0,
        'the author is offered to approve');
    }));

  await test(`${mode}: a second analyst approves, it is issued, the ledger fills`, () =>
    open(async (c) => {
      let page = await login(c, 'second');
      await page.goto(`/desk/advisories/${advisory}`);
      await page.getByRole('button', { name: 'Approve' }).click();
      await page.waitForSelector('.state.is-approved');
      await page.getByRole('button', { name: /^Issue to \d+ recipients/ }).click();
      await page.waitForSelector('.state.is-issued');
      await until('all has left', async () => {
        if (!js) await page.reload();
        const sent = await page.locator('[data-count="sent"]').innerText();
        const max = await page.locator('progress').getAttribute('max');
        return sent === max && sent;
      });
      await page.getByRole('link', { name: /Every recipient/ }).click();
      await page.waitForSelector('td:has-text("caught as")');
      const to = mails().filter((m) => m.includes(`The ${mark} hole`))
        .map((m) => m.match(/X-Catcher-To: (.*)\r?\n/)[1].trim());
      check(to.length > 3 && new Set(to).size === to.length, `sent to ${to}`);
    }));

  await test(`${mode}: it stands on the topic page, as a page of its own, and in the feed`, () =>
    open(async (c) => {
      const page = await c.newPage();
      await page.goto('/topics/incident-response');
      await page.getByRole('link', { name: `The ${mark} hole` }).click();
      check(await page.locator(`.prose em:text("${mark}")`).count() > 0, 'the text is not there');
      check((await page.locator('main').innerText()).includes('TLP:CLEAR'), 'no marking');
      await page.goto('/topics/incident-response');
      const subscribe = page.getByText(/Subscribe to incident response/).first();
      check(await subscribe.isVisible(), 'no offer to subscribe');
      const feed = await c.request.get('/topics/incident-response/feed');
      check(feed.headers()['content-type'].startsWith('application/rss+xml'), 'type of the feed');
      check((await feed.text()).includes(`The ${mark} hole`), 'not in the feed');
      // All of the articles can be reached by the pager.
      const seen = new Set();
      await page.goto('/topics/incident-response');
      for (let n = 0; n < 20; n++) {
        for (const a of await page.locator('.item a[href^="/a"]').all())
          seen.add(await a.getAttribute('href'));
        const older = page.getByRole('link', { name: /older|next/i });
        if (await older.count() === 0) break;
        await older.first().click();
        await page.waitForLoadState();
      }
      check(seen.size >= 10, `only ${seen.size} items`);
    }));

  await test(`${mode}: joining the list by the mailed link`, () =>
    open(async (c) => {
      const page = await c.newPage();
      const email = `${mark}@reader.example`;
      await page.goto('/lists');
      const form = page.locator('form[action$="/subscribe"]').first();
      await form.locator('[name="email"]').fill(email);
      await form.getByRole('button').click();
      await page.waitForURL('**/lists/asked');
      const mail = await until('the link', () => mails().find((m) =>
        m.includes(`X-Catcher-To: <${email}>`) && m.includes('/confirm/')));
      await page.goto(mail.match(/http:\/\/\S+\/confirm\/[^\s>]+/)[0]);
      await page.getByRole('button', { name: /subscribe/i }).click();
      await page.waitForSelector('text=You are on the list');
    }));
}

(async () => {
  const browser = await launch();
  try {
    await walk(browser, true);
    await walk(browser, false);
  } finally {
    await browser.close();
  }
  end();
})();
