import { readFile } from 'node:fs/promises';
import { PithError, systemCode } from '../../core/index.ts';
import { formatPlatform, type Image, platformOfConfig } from '../../oci/index.ts';
import {
  type FileResults,
  formatJson,
  formatJunit,
  formatText,
  initTests,
  openTestedImage,
  parseTestFile,
  runTests,
  summarize,
  type TestFile,
} from '../../structure/index.ts';
import type { TestFlags } from '../flags.ts';
import { withLocations } from '../locations.ts';
import { openImages, type OpenedImage, type ViewContext, viewImage } from '../open-view.ts';
import { replaceFile } from '../replace-file.ts';
import { withCommands } from '../test-engine.ts';

/** `pith test`: runs structure tests on an image, or writes the first ones; exit code 8 if one fails, or none ran. */
export async function test(name: string, flags: TestFlags): Promise<void> {
  if (flags.init) await printFirstTests(name, flags);
  else await testImages(name, flags);
}

async function testImages(name: string, flags: TestFlags): Promise<void> {
  const files = await readTestFiles(flags.config ?? []);
  const results = await withLocations(flags, async (context) => {
    const done: FileResults[] = [];
    for (const { image } of await openTested(name, flags, context)) {
      const view = await viewImage(image, context);
      const tested = openTestedImage(view, context.locations.signal);
      const options = { view, files, flags };
      done.push(...(await withCommands(options, context, (commands) => runTests(files, tested, commands))));
    }
    return done;
  });
  const output = flags.json ? 'json' : flags.output;
  if (flags.testReport !== undefined)
    await replaceFile(flags.testReport, formatReport(results, output === 'text' ? 'json' : output, flags));
  process.stdout.write(formatReport(results, output, flags));
  const { pass, fail, skip, isPass } = summarize(results);
  if (isPass) return;
  const message =
    fail > 0
      ? `${fail} of ${pass + fail} tests failed`
      : skip > 0
        ? `no test ran: ${skip} ${skip === 1 ? 'was' : 'were'} skipped`
        : 'no test ran: the files hold none';
  throw new PithError('CHECK_FAILED', message, {
    hint:
      fail > 0
        ? 'The report says what was expected and what there is.'
        : skip > 0
          ? 'The report says why; --engine says what runs commands.'
          : '`pith test --init IMAGE` writes a first file.',
  });
}

async function printFirstTests(name: string, flags: TestFlags): Promise<void> {
  if (flags.config || flags.testReport !== undefined)
    throw new PithError('USAGE', '--init writes tests and runs none', {
      hint: 'Leave -c and --test-report out.',
    });
  const text = await withLocations(flags, async (context) => {
    const images = await openTested(name, flags, context);
    const own = images.find(({ image }) => platformOf(image) === formatPlatform(context.platform));
    const view = await viewImage((own ?? images[0]).image, context);
    return await initTests(openTestedImage(view, context.locations.signal), name);
  });
  process.stdout.write(text);
}

/** @throws as openImages, and IMAGE_INVALID if there is none */
async function openTested(
  name: string,
  { platform }: TestFlags,
  context: ViewContext,
): Promise<[OpenedImage, ...OpenedImage[]]> {
  const [first, ...others] = await openImages(name, platform, context);
  if (first) return [first, ...others];
  throw new PithError('IMAGE_INVALID', `the index ${name} has no image`);
}

function platformOf({ config }: Image): string {
  return formatPlatform(platformOfConfig(config));
}

async function readTestFiles(paths: readonly string[]): Promise<TestFile[]> {
  if (paths.length === 0)
    throw new PithError('USAGE', 'no file of tests was named', {
      hint: 'Name it with -c FILE; `pith test --init IMAGE` writes a first one.',
    });
  const files: TestFile[] = [];
  for (const path of paths) files.push(await parseTestFile(await readBytes(path), path));
  return files;
}

async function readBytes(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new PithError(
      'DEFINITION_INVALID',
      `${path}: cannot be read (${systemCode(error) ?? 'unknown fault'})`,
      { path, cause: error, hint: 'Check the path and its permissions.' },
    );
  }
}

function formatReport(
  results: readonly FileResults[],
  output: TestFlags['output'],
  flags: TestFlags,
): string {
  switch (output) {
    case 'json':
      return formatJson(results);
    case 'junit':
      return formatJunit(results, flags.junitSuiteName);
    case 'text':
      return formatText(results, flags.color && process.stdout.isTTY && !process.env['NO_COLOR']);
  }
}
