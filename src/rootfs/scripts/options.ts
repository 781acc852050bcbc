/** The options of a program, in GNU's form: letters that stand alone, letters with a value, long names by their letter. */
export interface OptionForm {
  readonly flags: string;
  readonly values: string;
  readonly long?: Readonly<Record<string, string>>;
}

export interface Options {
  has(letter: string): boolean;
  value(letter: string): string | undefined;
  readonly operands: readonly string[];
}

/** Reads options wherever they stand before `--`. Undefined if there is one that the form does not have. */
export function readOptions(args: readonly string[], form: OptionForm): Options | undefined {
  const flags = new Set<string>();
  const values = new Map<string, string>();
  const operands: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? '';
    if (arg === '--') {
      operands.push(...args.slice(at + 1));
      break;
    }
    if (arg.startsWith('--')) {
      const [, name = '', given] = /^--([^=]*)(?:=(.*))?$/s.exec(arg) ?? [];
      const letter = form.long && Object.hasOwn(form.long, name) ? form.long[name] : undefined;
      if (letter === undefined) return undefined;
      if (!form.values.includes(letter)) flags.add(letter);
      else if (given === undefined && at + 1 >= args.length) return undefined;
      else values.set(letter, given ?? args[++at] ?? '');
    } else if (arg.startsWith('-') && arg !== '-') {
      for (let letter = 1; letter < arg.length; letter++) {
        const name = arg[letter] ?? '';
        if (form.flags.includes(name)) flags.add(name);
        else if (!form.values.includes(name)) return undefined;
        else {
          const rest = arg.slice(letter + 1);
          if (rest === '' && at + 1 >= args.length) return undefined;
          values.set(name, rest === '' ? (args[++at] ?? '') : rest);
          break;
        }
      }
    } else operands.push(arg);
  }
  return {
    has: (letter) => flags.has(letter),
    value: (letter) => values.get(letter),
    operands,
  };
}
