// What desk pages hear while they are looked at: with JavaScript the news come by
// themselves, without it nothing is different.
'use strict';
const fs = require('fs');
const { plan, test, launch, context, login, until, check, end } = require('./lib');

const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

async function clean(page) {
  await page.evaluate(axe);
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const got = await page.evaluate(() => window.axe.run(document, {
      resultTypes: ['violations'],
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    }));
    check(got.violations.length === 0, got.violations.map((v) =>
      `axe ${colorScheme} ${v.id}: ${v.help}: ${v.nodes.slice(0, 2).map((n) => n.html.slice(0, 200)).join(' | ')}`).join('\n'));
  }
  for (const width of [360, 800, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    check(wide <= 0, `${wide} px too wide at ${width}`);
  }
}

// For whoever wants to look: TOCSIN_SHOTS is a folder.
async function shot(page, name) {
  if (process.env.TOCSIN_SHOTS)
    await page.screenshot({ path: `${process.env.TOCSIN_SHOTS}/${name}.png` });
}

(async () => {
  const browser = await launch();
  const here = async (fn, options) => {
    const c = await context(browser, options);
    const other = await context(browser);
    try {
      await fn(await login(c, 'analyst'), await login(other, 'second'), c);
      check(c.faults.length === 0, c.faults.join('\n'));
    } finally {
      await c.close();
      await other.close();
    }
  };
  const comment = async (page, ticket, text) => {
    await page.goto(`/desk/tickets/${ticket}`);
    await page.locator('#comment summary').click();
    await page.locator('#comment-text').fill(text);
    await page.getByRole('button', { name: 'Save private comment' }).click();
    await page.waitForSelector('text=The comment is saved');
  };
  const count = (page, name) => page.locator(`[data-n="${name}"]`).innerText();

  await test('queue: the numbers change by themselves, the list does not move, a line offers the change', () =>
    here(async (page, second) => {
      await page.goto('/desk');
      const before = await count(page, 'mine');
      const rows = await page.locator('table.queue tbody').innerText();
      const top = await page.locator('table.queue').boundingBox();
      await second.goto(`/desk/tickets/${plan.tickets[0]}`);
      await second.getByRole('button', { name: 'Take' }).click();
      await second.waitForSelector('text=The ticket is yours');
      await until('the line', () => page.locator('.live a').isVisible(), 3);
      check(/^[12] changes?: show$/.test(await page.locator('.live').innerText()),
        await page.locator('.live').innerText());
      check(await page.locator('.live').getAttribute('role') === 'status', 'not told');
      await until('the numbers', async () => await count(page, 'unowned') !== before, 6);
      check(await page.locator('table.queue tbody').innerText() === rows, 'the list moved');
      check(JSON.stringify(await page.locator('table.queue').boundingBox()) === JSON.stringify(top),
        'the page moved');
      await shot(page, 'queue-line');
      await clean(page);
      await page.setViewportSize({ width: 1280, height: 800 });
      await page.locator('.live a').focus();
      // (The load state of the page that is left is "load" already.)
      const loaded = page.waitForEvent('load');
      await page.keyboard.press('Enter');
      await loaded;
      check(await page.locator('.live a').count() === 0, 'the line is still there');
    }));

  await test('ticket: another\'s comment is told at once; shown by the keyboard; what was typed stays', () =>
    here(async (page, second) => {
      const ticket = plan.tickets[1];
      await page.goto(`/desk/tickets/${ticket}`);
      await page.locator('#reply summary').click();
      await page.locator('#reply-text').fill('Half a sentence that must');
      await page.locator('#reply-cc').fill('third@cc.example');
      await comment(second, ticket, 'Look at the <b>second</b> address.');
      await until('the line', () => page.locator('.live a').isVisible(), 3);
      const said = await page.locator('.live').innerText();
      check(/^\S.* commented at \d\d:\d\d Z: show$/.test(said), said);
      check(await page.evaluate(() => document.activeElement.id) === 'reply-cc', 'focus was taken');
      await shot(page, 'ticket-line');
      await clean(page);
      const old = await page.locator('#reply [name="version"]').inputValue();
      await page.locator('.live a').focus();
      await page.keyboard.press('Enter');
      await until('the comment', () => page.locator('.thread').innerText().then((t) =>
        t.includes('Look at the <b>second</b> address.')));
      check(await page.locator('#reply-text').inputValue() === 'Half a sentence that must', 'text lost');
      check(await page.locator('#reply-cc').inputValue() === 'third@cc.example', 'copy lost');
      check(Number(await page.locator('#reply [name="version"]').inputValue()) > Number(old),
        'the form is of the old version');
      check(await page.locator('.live a').count() === 0, 'the line is still there');
      check((await page.evaluate(() => document.activeElement.innerText)).includes('second'),
        'the new entry has no focus');
      await clean(page);
      await page.setViewportSize({ width: 1280, height: 800 });
      // The stream goes on from here.
      await comment(second, ticket, 'And once more.');
      await until('the next line', () => page.locator('.live a').isVisible(), 8);
      await page.locator('#reply').getByRole('button', { name: /^Send to/ }).click();
      await page.waitForSelector('.late');
      check(await page.locator('#reply-text').inputValue() === 'Half a sentence that must', 'text lost');
    }));

  await test('a page out of sight gives its stream up, and in sight again hears what it missed', () =>
    here(async (page, second, c) => {
      const ticket = plan.tickets[2];
      let open = 0;
      page.on('request', (r) => { open += r.url().includes('/stream'); });
      await page.goto(`/desk/tickets/${ticket}`);
      await until('the stream', () => open === 1);
      const hide = (hidden) => page.evaluate((h) => {
        Object.defineProperty(document, 'hidden', { value: h, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      }, hidden);
      await hide(true);
      await page.waitForTimeout(5500);
      await comment(second, ticket, 'while nobody looked');
      await page.waitForTimeout(1500);
      check(await page.locator('.live a').count() === 0, 'heard without a stream');
      await hide(false);
      await until('the line', () => page.locator('.live a').isVisible(), 3);
      check(open === 2, `${open} streams`);
    }));

  await test('signed out in another tab: the stream ends and is not asked for again', () =>
    here(async (page, second, c) => {
      let open = 0;
      page.on('request', (r) => { open += r.url().includes('/stream'); });
      await page.goto('/desk');
      await until('the stream', () => open === 1);
      const tab = await c.newPage();
      await tab.goto('/desk');
      await tab.getByRole('button', { name: 'Sign out' }).click();
      await tab.waitForURL('**/login');
      await page.waitForTimeout(4500);
      check(open === 1, `${open} streams`);
    }));

  await test('ticket: who else is here comes and goes by itself', () =>
    here(async (page, second) => {
      const ticket = plan.tickets[3];
      await page.goto(`/desk/tickets/${ticket}`);
      check(!await page.locator('[data-also]').isVisible(), 'somebody is here');
      const top = await page.locator('h1').boundingBox();
      await second.goto(`/desk/tickets/${ticket}`);
      await until('the other', () => page.locator('[data-also]').isVisible(), 4);
      check(/^Also here: \S/.test(await page.locator('[data-also]').innerText()), 'no name');
      check(JSON.stringify(await page.locator('h1').boundingBox()) === JSON.stringify(top), 'the page moved');
      await until('and back', () => second.locator('[data-also]').isVisible(), 4);
      await shot(page, 'ticket-also');
      await clean(page);
      await second.goto('/desk');
      await until('gone', async () => !await page.locator('[data-also]').isVisible(), 5);
    }));

  for (const js of [true, false])
    await test(`${js ? 'with' : 'without'} JavaScript: somebody was faster: both texts are there, nothing is lost`, () =>
      here(async (page, second) => {
        const ticket = plan.tickets[4];
        await page.goto(`/desk/tickets/${ticket}`);
        await page.locator('#reply summary').click();
        await page.locator('#reply-text').fill('What I began before.');
        await comment(second, ticket, 'Do not answer yet.');
        await page.locator('#reply').getByRole('button', { name: /^Send to/ }).click();
        await page.waitForSelector('.late');
        const late = await page.locator('.late').innerText();
        check(/Somebody was faster/.test(late) && /commented/.test(late) &&
          late.includes('Do not answer yet.'), late);
        check(await page.locator('#reply-text').inputValue() === 'What I began before.', 'lost');
        check(await page.locator('#reply').getAttribute('open') !== null, 'the form is closed');
        await shot(page, js ? 'ticket-late' : 'ticket-late-plain');
        if (js) await clean(page);
        await page.setViewportSize({ width: 1280, height: 800 });
        await page.getByRole('link', { name: /What you chose or wrote/ }).click();
        await page.locator('#reply').getByRole('button', { name: /^Send to/ }).click();
        await page.waitForSelector('text=The reply is on its way');
      }, { javaScriptEnabled: js }));

  await test('with JavaScript: a draft is kept when the typing stops, offered after a reload, gone when sent', () =>
    here(async (page, second) => {
      const ticket = plan.tickets[5];
      await page.goto(`/desk/tickets/${ticket}`);
      await second.goto(`/desk/tickets/${ticket}`);
      await page.locator('#comment summary').click();
      await page.locator('#comment-text').pressSequentially('An idea, half');
      await until('it is kept', () => page.locator('[data-draft="comment"]').innerText()
        .then((t) => /^Draft kept \d\d:\d\d Z$/.test(t)), 6);
      await until('the other knows', () => second.locator('[data-writing]').innerText()
        .then((t) => / is writing a comment$/.test(t)), 4);
      check(!(await second.content()).includes('An idea, half'), 'the text is told');
      await shot(second, 'ticket-writing');
      await page.reload();
      await page.waitForSelector('.drafts');
      await shot(page, 'ticket-draft');
      await clean(page);
      await page.setViewportSize({ width: 1280, height: 800 });
      await page.getByRole('link', { name: /^Use/ }).click();
      await page.waitForURL(/draft=comment/);
      check(await page.locator('#comment-text').inputValue() === 'An idea, half', 'not used');
      await page.locator('#comment-text').pressSequentially(', now whole.');
      await page.getByRole('button', { name: 'Save private comment' }).click();
      await page.waitForSelector('text=The comment is saved');
      await page.waitForTimeout(2500);
      await page.reload();
      check(await page.locator('.drafts').count() === 0, 'a draft of what was sent');
    }));

  await test('without JavaScript: a button saves the draft; it is used and discarded', () =>
    here(async (page) => {
      const ticket = plan.tickets[5];
      await page.goto(`/desk/tickets/${ticket}`);
      await page.locator('#reply summary').click();
      await page.locator('#reply-text').fill('Later.');
      await page.locator('#reply-cc').fill('c@d.example');
      await page.locator('#reply').getByRole('button', { name: 'Save draft' }).click();
      await page.waitForSelector('text=Your draft is kept; nothing was sent.');
      await page.getByRole('link', { name: /^Use/ }).click();
      check(await page.locator('#reply-text').inputValue() === 'Later.', 'not used');
      check(await page.locator('#reply-cc').inputValue() === 'c@d.example', 'copy lost');
      await page.goto(`/desk/tickets/${ticket}`);
      await page.getByRole('button', { name: /^Discard/ }).click();
      await page.waitForSelector('text=The draft is discarded.');
      check(await page.locator('.drafts').count() === 0, 'still there');
    }, { javaScriptEnabled: false }));

  for (const js of [true, false])
    await test(`${js ? 'with' : 'without'} JavaScript: a notice that was begun is there after a reload, and sent`, () =>
      here(async (page, second) => {
        const path = `/desk/tickets/${js ? plan.tickets[6] : plan.tickets[7]}/notify`;
        await page.goto(path);
        const first = await page.locator('#notify-text').inputValue();
        if (js) {
          await page.locator('#notify-text').press('Control+End');
          await page.locator('#notify-text').pressSequentially('My own words.');
          await until('it is kept', () => page.locator('[data-draft="notify"]').innerText()
            .then((t) => /^Draft kept \d\d:\d\d Z$/.test(t)), 6);
        } else {
          await page.locator('#notify-text').fill(`${first}My own words.`);
          await page.getByRole('button', { name: 'Save draft' }).click();
          await page.waitForSelector('text=Your draft is kept; nothing was sent.');
        }
        await second.goto(path.replace('/notify', ''));
        check(/ is writing a notice$/.test(await second.locator('[data-writing]').innerText()), 'nobody is told');
        await page.reload();
        check(!(await page.locator('#notify-text').inputValue()).includes('My own words.'), 'used unasked');
        await page.getByRole('link', { name: /^Use/ }).click();
        await page.waitForURL(/draft=1/);
        check((await page.locator('#notify-text').inputValue()).includes('My own words.'), 'not used');
        await shot(page, js ? 'notice-draft' : 'notice-draft-plain');
        if (js) await clean(page);
        await page.setViewportSize({ width: 1280, height: 800 });
        await page.getByRole('button', { name: /^Send to/ }).click();
        await page.waitForSelector('text=The notice is on its way');
        check(await page.locator('.drafts').count() === 0, 'a draft of what was sent');
        if (js) await page.waitForTimeout(2500); // nothing is kept behind it
        await page.reload();
        check(await page.locator('.drafts').count() === 0, 'a draft of what was sent');
      }, { javaScriptEnabled: js }));

  for (const js of [true, false])
    await test(`${js ? 'with' : 'without'} JavaScript: the exact mail opens beside the form, which stays as it was`, () =>
      here(async (page, second, c) => {
        await page.goto(`/desk/tickets/${plan.tickets[6]}`);
        await page.locator('#reply summary').click();
        await page.locator('#reply-text').fill('Look <first>.');
        const [tab] = await Promise.all([c.waitForEvent('page'),
          page.getByRole('button', { name: /^Look at the exact mail/ }).click()]);
        await tab.waitForLoadState();
        check((await tab.locator('.sheet').innerText()).includes('Look <first>.'), 'not in it');
        await tab.locator('main details summary').click();
        check(/^From: /m.test(await tab.locator('main details pre').innerText()), 'not as it leaves');
        if (js) await clean(tab);
        check(await page.locator('#reply-text').inputValue() === 'Look <first>.', 'the form is gone');
      }, { javaScriptEnabled: js }));

  await test('without JavaScript: the pages are as they were', () =>
    here(async (page) => {
      for (const path of ['/desk', `/desk/tickets/${plan.tickets[0]}`]) {
        await page.goto(path);
        check(await page.locator('.live').count() === 0, 'a line without a script');
        check(Number(await count(page, 'mine')) >= 0, 'no numbers');
      }
    }, { javaScriptEnabled: false }));

  await browser.close();
  end();
})();
