import { describe, expect, it } from 'vitest';
import { rejectionOf } from '../testing/thrown.ts';
import { testFile } from '../testing/structure-tests.ts';

describe('a test file', () => {
  it('is read in schema 2.0.0', async () => {
    const file = await testFile(`
schemaVersion: '2.0.0'
globalEnvVars: [{key: A, value: b}]
commandTests:
  - {name: c, command: app, args: [-v], setup: [[touch, x]], teardown: [[rm, x]], exitCode: 3, expectedOutput: ['^v\\d']}
fileExistenceTests:
  - {name: e, path: /a, shouldExist: false}
  - {name: f, path: /b, permissions: -rw-r--r--, uid: 0, gid: 1000, isExecutableBy: any}
fileContentTests: [{name: g, path: /c, expectedContents: [x], excludedContents: ['y$']}]
licenseTests: [{debian: true, files: }]
metadataTest: {entrypoint: [], cmd: [a], workdir: /w, user: nonroot, labels: [{key: l, value: '^a', isRegex: true}]}
containerRunOptions: {user: root, privileged: true, capabilities: [NET_ADMIN]}
`);
    expect(file).toMatchObject({
      globalEnvVars: [{ key: 'A', value: 'b' }],
      commandTests: [{ name: 'c', command: ['app', '-v'], setup: [['touch', 'x']], exitCode: 3 }],
      fileExistenceTests: [
        { name: 'e', path: '/a', shouldExist: false },
        { name: 'f', shouldExist: true, uid: 0, gid: 1000, isExecutableBy: 'any' },
      ],
      fileContentTests: [{ expectedContents: [{ source: 'x' }], excludedContents: [{ source: 'y$' }] }],
      licenseTests: [{ debian: true, files: [] }],
      metadataTest: { entrypoint: [], cmd: ['a'], workdir: '/w', user: 'nonroot' },
      containerRunOptions: {
        user: 'root',
        privileged: true,
        allocateTty: false,
        capabilities: ['NET_ADMIN'],
      },
    });
  });

  it('is read in schema 1.0.0, where a command is a list', async () => {
    const file = await testFile(`
schemaVersion: 1.0.0
commandTests: [{name: c, command: [app, -v]}]
fileExistenceTests: [{name: e, path: /a, shouldExist: true, permissions: drwxr-xr-x}]
`);
    expect(file.commandTests[0]?.command).toEqual(['app', '-v']);
    expect(file.metadataTest).toBeUndefined();
  });

  it('is read as JSON', async () => {
    const file = await testFile(
      '{"schemaVersion": "2.0.0", "metadataTest": {"exposedPorts": ["80"]}}',
      'a.json',
    );
    expect(file.metadataTest?.exposedPorts).toEqual(['80']);
  });

  it.each([
    ['numbers', 'exposedPorts: [8080, 2345]', { exposedPorts: ['8080', '2345'] }],
    ['fractions', 'envVars: [{key: A, value: 1.0}]', { envVars: [{ key: 'A', value: '1.0' }] }],
    ['booleans', 'envVars: [{key: A, value: true}]', { envVars: [{ key: 'A', value: 'true' }] }],
    ['octal numbers', 'user: 0755', { user: '0755' }],
    ['nothing', 'envVars: [{key: A, value: }]', { envVars: [{ key: 'A', value: '' }] }],
  ])('takes %s without quotes for their text', async (_, line, expected) => {
    const file = await testFile(`schemaVersion: 2.0.0\nmetadataTest:\n  ${line}\n`);
    expect(file.metadataTest).toMatchObject(expected);
  });

  it.each([
    ['yes', true],
    ['off', false],
    ['True', true],
  ])('takes %s for a truth value', async (word, expected) => {
    const file = await testFile(
      `schemaVersion: 2.0.0\nfileExistenceTests: [{name: a, path: /a, shouldExist: ${word}}]`,
    );
    expect(file.fileExistenceTests[0]?.shouldExist).toBe(expected);
  });

  it('puts anchors and merged maps together', async () => {
    const file = await testFile(`
schemaVersion: 2.0.0
fileExistenceTests:
  - &one {name: a, path: /a, uid: 0}
  - {<<: *one, name: b}
`);
    expect(file.fileExistenceTests[1]).toEqual({ name: 'b', path: '/a', shouldExist: true, uid: 0 });
  });

  it('does not ask for an owner of -1', async () => {
    const file = await testFile(
      'schemaVersion: 2.0.0\nfileExistenceTests: [{name: a, path: /a, uid: -1, gid: 0}]',
    );
    expect(file.fileExistenceTests[0]).toEqual({ name: 'a', path: '/a', shouldExist: true, gid: 0 });
  });
});

describe('a wrong test file', () => {
  const two = 'schemaVersion: 2.0.0\n';
  it.each<[string, string, string]>([
    ['is not YAML', `${two}a: [`, 'app.yaml:2:'],
    ['is empty', '', 'the test file must be a map of keys and values'],
    ['is text', 'hello', 'the test file must be a map'],
    ['has no schema', 'commandTests: []', 'the key `schemaVersion` is missing'],
    [
      'has another schema',
      'schemaVersion: 3.0.0',
      'app.yaml:1:1: `schemaVersion` must be "1.0.0" or "2.0.0", not "3.0.0"',
    ],
    [
      'misspells a key',
      `${two}fileExistanceTests: []`,
      'app.yaml:2:1: there is no key `fileExistanceTests`; did you mean `fileExistenceTests`?',
    ],
    [
      'misspells a key of a test',
      `${two}fileContentTests:\n  - name: a\n    path: /a\n    expectedContent: [x]`,
      'app.yaml:5:5: `fileContentTests.0` has no key `expectedContent`; did you mean `expectedContents`?',
    ],
    ['has a key twice', `${two}commandTests: []\ncommandTests: []`, 'app.yaml:3:1: is not YAML'],
    [
      'has a key of the other schema',
      'schemaVersion: 1.0.0\nmetadataTest: {}',
      'there is no key `metadataTest`',
    ],
    [
      'has a command of the other schema',
      `${two}commandTests: [{name: a, command: [b]}]`,
      '`commandTests.0.command` must be text',
    ],
    [
      'leaves a name out',
      `${two}fileContentTests: [{path: /a}]`,
      'the key `fileContentTests.0.name` is missing',
    ],
    [
      'leaves a name empty',
      `${two}fileContentTests: [{name: '', path: /a}]`,
      '`fileContentTests.0.name` is too small or empty',
    ],
    [
      'asks for an odd group',
      `${two}fileExistenceTests: [{name: a, path: /a, isExecutableBy: all}]`,
      '"owner" or "group" or "other" or "any"',
    ],
    [
      'has text for a number',
      `${two}fileExistenceTests: [{name: a, path: /a, uid: root}]`,
      'must be a whole number',
    ],
    [
      'has a broken expression',
      `${two}fileContentTests:\n- {name: a, path: /a, expectedContents: [x, '(a']}`,
      'app.yaml:3:45: `fileContentTests.0.expectedContents.1` is no expression of RE2: missing closing )',
    ],
    [
      'looks ahead',
      `${two}metadataTest: {labels: [{key: a, value: 'a(?=b)', isRegex: true}]}`,
      '`metadataTest.labels.0.value` is no expression of RE2',
    ],
    [
      'refers to a group',
      `${two}commandTests: [{name: a, command: b, expectedError: ['(a)\\1']}]`,
      'is no expression of RE2',
    ],
    [
      'repeats too often',
      `${two}commandTests: [{name: a, command: b, expectedError: ['((a{100}){100}){100}']}]`,
      'is no expression of RE2: invalid repeat count',
    ],
    [
      'is a bomb of aliases',
      `${two}a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c]`,
      'Excessive alias count',
    ],
  ])('that %s is refused', async (_, yaml, message) => {
    const error = await rejectionOf(testFile(yaml));
    expect(error.code).toBe('DEFINITION_INVALID');
    expect(error.message).toContain(message);
  });

  it('that is larger than any is refused', async () => {
    expect((await rejectionOf(testFile('#'.repeat((4 << 20) + 1)))).message).toBe(
      'app.yaml: is larger than 4194304 bytes',
    );
  });
});

it('expressions take time linear in the text', async () => {
  const file = await testFile(`schemaVersion: 2.0.0
fileContentTests: [{name: a, path: /a, expectedContents: ['(a*)*b', '(x+x+)+y', '^(([a-z])+.)+[A-Z]([a-z])+$']}]`);
  const text = `${'ax'.repeat(500_000)}!`;
  expect(file.fileContentTests[0]?.expectedContents.map((one) => one.matches(text))).toEqual([
    false,
    false,
    false,
  ]);
});
