import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { By, Key, logging, type WebElement } from 'selenium-webdriver';
import { Driver, Options, ServiceBuilder } from 'selenium-webdriver/chrome.js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { renderPage } from '../../src/cli/page.ts';
import type { PageData } from '../../src/page/data.ts';
import { escapeName } from '../../src/page/escape.ts';
import { HOSTILE_NAMES, testPage } from '../../src/testing/page.ts';
import { describeWith } from '../../src/testing/tools.ts';

const TEMPLATE = fileURLToPath(new URL('../../dist/page.html', import.meta.url));
const VIEWS = ['overview', 'files', 'packages', 'layers', 'findings', 'config', 'users'];
/** Files of the large page, besides those with hostile names. */
const MANY = 200_000;

it('the page is at most 300 kB without its data', () => {
  expect(statSync(TEMPLATE).size).toBeLessThan(300_000);
});

describeWith('the page in Chromium', { tools: ['chromium', 'chromedriver'] }, () => {
  let folder: string;
  let driver: Driver;
  const pages: Readonly<Record<string, PageData>> = {
    image: testPage(),
    difference: testPage({ files: 4000, isDifference: true }),
    large: testPage({ files: MANY }),
    empty: emptyPage(),
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pith-page-'));
    for (const [name, data] of Object.entries(pages))
      writeFileSync(join(folder, `${name}.html`), renderPage(data));
    driver = startChromium(folder);
    await driver.manage().setTimeouts({ script: 600_000 });
  });

  afterAll(async () => {
    await driver.quit();
    rmSync(folder, { recursive: true, force: true, maxRetries: 50, retryDelay: 20 });
  });

  afterEach(async () => {
    const entries = await driver.manage().logs().get(logging.Type.BROWSER);
    expect(entries.map(({ message }) => message)).toEqual([]);
    await show({});
  });

  /** Opens a page anew and waits for its tree. */
  async function open(name: string, hash = ''): Promise<void> {
    await driver.get('about:blank');
    await driver.get(`${pathToFileURL(join(folder, `${name}.html`)).href}${hash}`);
    await until(async () => !(await text('main')).includes('Unpacking'));
  }

  const text = (css: string): Promise<string> => driver.findElement(By.css(css)).getText();
  const run = <T>(script: string, ...values: unknown[]): Promise<T> =>
    driver.executeScript<T>(script, ...values);
  const focused = (): Promise<WebElement> => driver.switchTo().activeElement();
  const press = async (...keys: string[]): Promise<void> => {
    await driver
      .actions()
      .sendKeys(...keys)
      .perform();
  };

  /** What the system wants, and the size of the window. */
  async function show({
    scheme = 'light',
    motion = 'no-preference',
    width = 1280,
    height = 900,
  }): Promise<void> {
    const features = [
      { name: 'prefers-color-scheme', value: scheme },
      { name: 'prefers-reduced-motion', value: motion },
    ];
    await driver.sendDevToolsCommand('Emulation.setEmulatedMedia', { features });
    const isPhone = width < 500;
    const metrics = { width, height, deviceScaleFactor: isPhone ? 2 : 1, mobile: isPhone };
    await driver.sendDevToolsCommand('Emulation.setDeviceMetricsOverride', metrics);
  }

  it('opens from a file, says what it is about, and loads nothing', async () => {
    await open('image');
    expect(await driver.getTitle()).toBe('registry.example/team/java-service:2.4.1 · pith');
    expect(await text('header')).toContain('linux/amd64');
    expect(await text('header')).toContain('/usr/bin/java -jar /app/service.jar');
    expect(await run<number>('return performance.getEntriesByType("resource").length')).toBe(0);
  });

  it('can load nothing', async () => {
    await open('image');
    const [refusal] = await driver.executeAsyncScript<string[]>(
      `const done = arguments[0]; fetch('data:,x').then(() => done(['loaded']), (error) => done([error.name]));`,
    );
    expect(refusal).toBe('TypeError');
    const [complaint] = await driver.manage().logs().get(logging.Type.BROWSER);
    expect(complaint?.message).toContain('Content Security Policy');
  });

  it.each(VIEWS)('#%s is a part that can be linked to', async (view) => {
    await open('image', `#${view}`);
    const current = await driver.findElement(By.css('.views [aria-current=page]'));
    expect(await current.getAttribute('href')).toMatch(new RegExp(`#${view}$`));
    expect(await text('main')).not.toBe('');
  });

  it('#path= leads to a file, in an open tree, with all that is known of it', async () => {
    await open('image', '#path=/srv/hostile/line%5Cx0aend');
    await until(
      async () => (await driver.findElements(By.css('[role=row][aria-selected=true]'))).length === 1,
    );
    expect(await text('[role=row][aria-selected=true]')).toContain('line\\x0aend');
    expect(await text('.side')).toContain('1.23 kB');
    const [list, side] = await run<number[]>(
      "return ['.grid', '.side'].map((css) => document.querySelector(css).getBoundingClientRect().width)",
    );
    expect(list).toBeGreaterThan(side ?? 0);
    await open('image', '#path=/not/there');
    expect(await text('[role=alert]')).toBe('/not/there is not in the image.');
  });

  it('shows hostile names as what they are, and runs none of them', async () => {
    await open('image', '#files&q=hostile/');
    await until(async () => /^\d+ of/.test(await text('.toolbar [role=status]')));
    const rows = await run<string[]>(
      `return [...document.querySelectorAll('[role=gridcell]:first-child .path')].map((cell) => cell.textContent)`,
    );
    const parts = HOSTILE_NAMES.flatMap((name) => name.split('/'));
    expect(rows.map((row) => row.replace(/\/$/, ''))).toEqual(expect.arrayContaining(parts.map(escapeName)));
    expect(await driver.findElements(By.css('main img, main script'))).toEqual([]);
    expect(await driver.getTitle()).toContain('· pith');
  });

  it('searches as one types, and says how much it found', async () => {
    await open('image', '#files');
    await press('/', 'libssl');
    await until(async () => /^\d+ of 2,017 entries$/.test(await text('.toolbar [role=status]')));
    expect(await run<string>('return location.hash')).toBe('#files&q=libssl');
    await press('nothing has this name');
    await until(async () => (await text('.grid')).includes('Nothing matches.'));
  });

  it('goes through the tree with the keys alone', async () => {
    await open('image', '#files');
    while ((await (await focused()).getAttribute('role')) !== 'treegrid') await press(Key.TAB);
    const chosen = async (): Promise<string> =>
      run(
        'const id = document.activeElement.getAttribute("aria-activedescendant"); return document.getElementById(id)?.querySelector(".path").textContent ?? ""',
      );
    const goes = async (key: string, expected: string): Promise<void> => {
      await press(key);
      await until(async () => (await chosen()) === expected);
    };
    await goes(Key.ARROW_DOWN, 'app/');
    await goes(Key.END, 'var/');
    await press(Key.ARROW_RIGHT);
    await until(
      async () =>
        (await driver.findElements(By.css('[role=row][aria-selected=true][aria-expanded=true]'))).length ===
        1,
    );
    await goes(Key.ARROW_RIGHT, 'lib/');
    await goes(Key.ARROW_LEFT, 'var/');
    await goes(Key.HOME, 'app/');
    const outline = await run<string>(
      'return getComputedStyle(document.querySelector(".grid-row.chosen")).outlineStyle',
    );
    expect(outline).toBe('solid');
  });

  it('has a link to skip to the content', async () => {
    await open('image');
    await press(Key.TAB, Key.ENTER);
    expect(await (await focused()).getTagName()).toBe('main');
    expect(await run<string>('return location.hash')).toBe('');
  });

  it('shows where the focus is, on everything that takes it', async () => {
    await open('image');
    await press(Key.TAB);
    const seen = new Set<string>();
    for (let step = 0; step < 60; step++) {
      const [id, style] = await run<[string, string]>(
        'const e = document.activeElement; e.dataset.n ??= String(Math.random()); return [e.dataset.n, getComputedStyle(e).outlineStyle]',
      );
      if (seen.has(id)) break;
      seen.add(id);
      if (await run<boolean>('return document.activeElement !== document.body'))
        expect(style).not.toBe('none');
      await press(Key.TAB);
    }
    expect(seen.size).toBeGreaterThan(20);
  });

  it('says and does beside the map all that the map does', async () => {
    await open('image');
    const first = await driver.findElement(By.css('.ranking button'));
    expect(await first.getText()).toMatch(/usr/);
    await first.click();
    await until(async () => (await text('.crumbs')).includes('usr'));
    expect(await (await focused()).getAttribute('class')).toContain('crumbs');
    for (const by of ['package', 'layer']) {
      await open('image', `#overview&by=${by}`);
      expect(await text('.ranking')).toMatch(by === 'package' ? /deb/ : /Layer 1: pith/);
    }
  });

  it('keeps few rows of 200,000, wherever the list is scrolled to', async () => {
    await open('large', '#files&as=list&sort=-size');
    const rows = (): Promise<WebElement[]> => driver.findElements(By.css('.grid-body [role=row]'));
    await until(async () => (await rows()).length > 20);
    expect((await rows()).length).toBeLessThan(100);
    const grid = await driver.findElement(By.css('[role=grid]'));
    const count = Number(await grid.getAttribute('aria-rowcount'));
    expect(count).toBe((pages['large']?.image.files ?? 0) + 1);
    await run('const body = document.querySelector(".grid"); body.scrollTop = body.scrollHeight');
    await until(async () => (await driver.findElements(By.css(`[aria-rowindex="${count}"]`))).length === 1);
    expect((await rows()).length).toBeLessThan(100);
  });

  it.each([
    ['size', (a: number, b: number) => a - b],
    ['-size', (a: number, b: number) => b - a],
  ])('sorts 200,000 files by %s', async (sort, order) => {
    await open('large', `#files&as=list&sort=${sort}`);
    await until(async () => (await driver.findElements(By.css('[aria-rowindex="10"]'))).length === 1);
    const shown = await run<string[]>(
      'return [...document.querySelectorAll(".grid-body [role=row]")].slice(0, 8).map((row) => row.children[1].textContent)',
    );
    const { types = [], sizes = [] } = pages['large']?.tree ?? {};
    const expected = Array.from(sizes)
      .filter((_size, at) => types[at] !== 0)
      .sort(order)
      .slice(0, 8);
    expect(shown.map(unitOf)).toEqual(expected.map((size) => unitOf(`${size} B`)));
  });

  describe.each(['light', 'dark'])('in %s', (scheme) => {
    it.each(['image', 'difference', 'empty'])('axe finds no fault in any part of %s', async (name) => {
      const [wide, phone] = [{ width: 1280 }, { width: 390 }];
      const chosen = name === 'empty' ? [] : ['files&as=list', 'path=/usr/bin', 'package=deb/libssl0'];
      const shown = [...VIEWS, ...chosen].map((view) => [view, wide] as const);
      for (const [view, size] of [...shown, ['overview', phone] as const, ['path=/usr', phone] as const]) {
        await show({ scheme, ...size });
        await open(name, `#${view}`);
        expect(await faults(driver), `${view} ${size.width}`).toEqual([]);
      }
    });
  });

  it.each(VIEWS)('fits on a phone: %s', async (view) => {
    await show({ width: 390, height: 844 });
    for (const name of ['image', 'difference']) {
      await open(name, `#${view}`);
      expect(await run<number>('return document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    }
  });

  it('says what was found rule by rule, the worst first, and where', async () => {
    await open('image');
    const card = await driver.findElement(By.css('.card')).getText();
    expect(card).toMatch(
      /^Findings\n✕ error A program runs with the rights of its owner\n! warning .+ \d+\n/,
    );
    await driver.findElement(By.linkText('A program runs with the rights of its owner')).click();
    await until(async () => (await text('main')).includes('/usr/bin layer 2'));
    expect(await text('.rule.chosen')).toContain('setuid-file');
  });

  it('moves nothing where people want no movement', async () => {
    await show({ motion: 'reduce' });
    await open('image');
    const moving = await run<number>(
      'return [...document.querySelectorAll("*")].filter((e) => getComputedStyle(e).transitionDuration !== "0s" || getComputedStyle(e).animationName !== "none").length',
    );
    expect(moving).toBe(0);
  });

  it('prints all parts, with the first rows of long lists and the number of the others', async () => {
    await open('large', '#files');
    const printed = await run<string>(
      'dispatchEvent(new Event("beforeprint")); return document.querySelector("main").innerText',
    );
    expect(printed).toContain('more rows are in the report itself');
    expect(printed).toContain('/app/node_modules/');
    expect(printed).not.toContain('Unpacking');
    expect(await driver.findElements(By.css('.printed'))).toHaveLength(VIEWS.length);
    await run('dispatchEvent(new Event("afterprint"))');
    expect(await driver.findElements(By.css('.printed'))).toEqual([]);
    await driver.sendDevToolsCommand('Page.printToPDF', {});
    expect(await driver.findElements(By.css('.printed'))).toEqual([]);
  });

  it('of a difference says what changed', async () => {
    await open('difference');
    expect(await text('.summary')).toMatch(/Packages.*\d+ added, \d+ removed, \d+ upgraded, \d+ downgraded/);
    expect(await text('.summary')).toMatch(/Layers 14 14 ±0 9 shared/);
    expect(await text('.summary')).toMatch(/Configuration 1 change Environment/);
    await open('difference', '#files&change=removed&as=list');
    await until(async () => (await driver.findElements(By.css('.grid-row.removed'))).length > 5);
    expect(await text('.grid-row.removed')).toContain('−');
    await open('difference', '#config');
    expect(await text('.settings .removed')).toContain('PATH=/usr/local/bin:/usr/bin:/bin');
    await open('difference', '#layers');
    expect(await text('main')).toContain('= in both');
  });

  it('says in words what there is not', async () => {
    const words: Readonly<Record<string, string>> = {
      overview: 'No file has a size.',
      files: 'The image holds no file.',
      packages: 'No package was found in the image.',
      layers: 'has no layer',
      findings: 'The image was not checked.',
      config: 'The configuration says nothing.',
      users: 'There is no /etc/passwd.',
    };
    for (const view of VIEWS) {
      await open('empty', `#${view}`);
      expect(await text('main')).toContain(words[view]);
    }
  });
});

function startChromium(folder: string): Driver {
  const options = new Options();
  options.setChromeBinaryPath('/usr/bin/chromium');
  options.addArguments('--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage');
  options.addArguments(`--user-data-dir=${join(folder, 'profile')}`);
  const preferences = new logging.Preferences();
  preferences.setLevel(logging.Type.BROWSER, logging.Level.ALL);
  options.setLoggingPrefs(preferences);
  return Driver.createSession(options, new ServiceBuilder('/usr/bin/chromedriver').build());
}

/** Waits for something that comes; if it never does, so does the end of the test. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/**
 * What axe-core says against the page: rules of WCAG 2.2 A and AA, and its best practices. Links to parts of the page that
 * are scrolled out of sight pass for skip links with it; the real one has a test of its own.
 */
async function faults(driver: Driver): Promise<string[]> {
  await driver.executeScript(axe.source);
  return driver.executeAsyncScript<string[]>(
    `const done = arguments[0];
     axe.run({ rules: { 'skip-link': { enabled: false } } }).then(({ violations }) => done(violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => id + ': ' + html.slice(0, 200) + failureSummary))));`,
  );
}

/** A size as the page shows it, in bytes, as far as its digits go. */
function unitOf(shown: string): string {
  const [number = '', unit = ''] = shown.split(' ');
  const bytes = Number(number) * 1000 ** ['B', 'kB', 'MB', 'GB'].indexOf(unit);
  return bytes.toPrecision(3);
}

function emptyPage(): PageData {
  const { image, tree, version, tables = [] } = testPage({ files: 1 });
  return {
    version,
    image: { ...image, digest: '', layers: [], settings: [], files: 0 },
    tree: { ...tree, names: [''], parents: [0], links: new Map() },
    packages: [],
    tables: tables.map((table) => ({ ...table, rows: [] })),
  };
}
