import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editAuths } from './edit.ts';

const ADD = { drop: [], add: { key: 'r', value: { auth: 'eA==' } } };
const ENTRY = '{\n\t\t\t"auth": "eA=="\n\t\t}';

describe('a change of the entries', () => {
  it.each([
    ['of nothing', '', `{\n\t"auths": {\n\t\t"r": ${ENTRY}\n\t}\n}`],
    ['of white space', ' \n', `{\n\t"auths": {\n\t\t"r": ${ENTRY}\n\t}\n}`],
    ['of an empty object', '{}', `{\n\t"auths": {\n\t\t"r": ${ENTRY}\n\t}\n}`],
    ['of an empty object of lines', '{\n}\n', `{\n\t"auths": {\n\t\t"r": ${ENTRY}\n\t}\n}\n`],
    ['of no entries', '{\n\t"auths": {}\n}', `{\n\t"auths": {\n\t\t"r": ${ENTRY}\n\t}\n}`],
    ['of null', '{"auths": null}', `{"auths": {\n\t\t"r": ${ENTRY}\n\t}}`],
    ['of an entry', '{\n\t"auths": {\n\t\t"r": {}\n\t}\n}', `{\n\t"auths": {\n\t\t"r": ${ENTRY}\n\t}\n}`],
    [
      'beside others',
      '{\n\t"auths": {\n\t\t"a": {},\n\t\t"b": {"x":  1}\n\t},\n\t"credsStore": "pass"\n}',
      `{\n\t"auths": {\n\t\t"a": {},\n\t\t"b": {"x":  1},\n\t\t"r": ${ENTRY}\n\t},\n\t"credsStore": "pass"\n}`,
    ],
    [
      'in a file without any',
      '{\n  "credsStore": "pass"\n}\n',
      '{\n  "credsStore": "pass",\n  "auths": {\n    "r": {\n      "auth": "eA=="\n    }\n  }\n}\n',
    ],
  ])('%s', (_what, before, after) => {
    expect(editAuths(before, ADD)).toBe(after);
  });

  it('can take entries away', () => {
    expect(editAuths('{"auths": {"a": {}, "r": {}, "b": 2}, "x": 1}', { drop: ['r', 'none'] })).toBe(
      '{"auths": {\n\t\t"a": {},\n\t\t"b": 2\n\t}, "x": 1}',
    );
    expect(editAuths('{"auths": {"r": {}}}', { drop: ['r'] })).toBe('{"auths": {}}');
    expect(editAuths('{"x": 1}', { drop: ['r'] })).toBe('{"x": 1}');
  });

  it('leaves everything else as it is written', () => {
    const rest =
      '"n": 12345678901234567890.10e400,\r\n  "s": "a\\u0022}\\\\", "2": [{"}": "]"}], "1": -0, "deep": [[[]]]';
    const text = `{ ${rest}, "auths": {"\\u0061": {"auth": "eA=="}}, "__proto__": {"x": true}}`;
    expect(editAuths(text, ADD)).toBe(
      `{ ${rest}, "auths": {\n\t\t"\\u0061": {"auth": "eA=="},\n\t\t"r": ${ENTRY}\n\t}, "__proto__": {"x": true}}`,
    );
    expect(editAuths(text, { drop: ['a'] })).toBe(`{ ${rest}, "auths": {}, "__proto__": {"x": true}}`);
  });

  it('is one of what counts where names are there twice', () => {
    const text = editAuths('{"auths": {"old": {}}, "auths": {"r": {"a": 1}, "r": {"a": 2}}}', ADD);
    expect(JSON.parse(text)).toEqual({ auths: { r: { auth: 'eA==' } } });
    expect(text).toContain('{"old": {}}');
  });

  it('takes any depth', () => {
    const deep = `${'[{"a":'.repeat(100_000)}1${'}]'.repeat(100_000)}`;
    expect(editAuths(`{"x": ${deep}, "auths": {"y": ${deep}}}`, { drop: ['y'] })).toBe(
      `{"x": ${deep}, "auths": {}}`,
    );
  });

  it('means what it says, for all files', () => {
    const keys = fc.constantFrom('a', 'b', 'r', '__proto__', 'a"b', 'ä\\', '');
    const file = fc
      .record(
        {
          auths: fc.dictionary(keys, fc.jsonValue({ maxDepth: 2 })),
          credsStore: fc.string(),
          more: fc.jsonValue({ maxDepth: 3 }),
        },
        { requiredKeys: [] },
      )
      .map((value) => JSON.parse(JSON.stringify(value)) as Record<string, unknown>);
    fc.assert(
      fc.property(
        file,
        fc.constantFrom('', ' ', '\t', '   '),
        fc.array(keys),
        keys,
        fc.boolean(),
        (value, indent, drop, key, adds) => {
          const change = { drop, ...(adds ? { add: { key, value: { auth: key } } } : {}) };
          const { auths: before = {}, ...rest } = value;
          const { auths: after = {}, ...restAfter } = JSON.parse(
            editAuths(JSON.stringify(value, undefined, indent), change),
          ) as Record<string, unknown>;
          const expected = Object.entries(before as object).filter(
            ([name]) => !drop.some((one) => one === name) && (!adds || name !== key),
          );
          if (adds) expected.push([key, { auth: key }]);
          expect(restAfter).toEqual(rest);
          expect(Object.entries(after as object)).toEqual(expected);
        },
      ),
    );
  });
});
