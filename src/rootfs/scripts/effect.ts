/** Something that a maintainer script would do and that no derived file stands for. */
export interface ScriptEffect {
  /** The package's name. */
  readonly package: string;
  /** preinst, config or postinst; triggers, sysusers.d or tmpfiles.d for what the package declares in these. */
  readonly script: string;
  /** The call with its arguments, shortened. */
  readonly command: string;
  /** Whether an image is as good without it. */
  readonly isNeedless: boolean;
  /** Why it is needless, or why it could not be done; may be empty. */
  readonly why: string;
}

/** Rows that one package may fill; a sound one fills a handful. */
const MAX_ROWS = 100;
const LONGEST_COMMAND = 120;

/** Collects effects: each call of a package once, in their order. */
export class Effects {
  readonly #rows: ScriptEffect[] = [];
  readonly #seen = new Set<string>();
  readonly #counts = new Map<string, number>();

  /** By package, in the order in which packages first came. */
  get rows(): readonly ScriptEffect[] {
    const order = new Map([...this.#counts.keys()].map((name, index) => [name, index]));
    return this.#rows.toSorted((a, b) => (order.get(a.package) ?? 0) - (order.get(b.package) ?? 0));
  }

  add(effect: ScriptEffect): void {
    const row = { ...effect, command: shorten(effect.command), why: shorten(effect.why) };
    const key = `${row.package}\0${row.command}`;
    if (this.#seen.has(key)) return;
    const count = (this.#counts.get(row.package) ?? 0) + 1;
    this.#counts.set(row.package, count);
    if (count > MAX_ROWS) return;
    this.#seen.add(key);
    this.#rows.push(
      count < MAX_ROWS ? row : { ...row, command: 'more', isNeedless: false, why: 'too much to be listed' },
    );
  }
}

/** One line of printable characters. */
function shorten(text: string): string {
  const line = text
    .slice(0, 4 * LONGEST_COMMAND)
    .replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, ' ')
    .trim();
  return line.length > LONGEST_COMMAND ? `${line.slice(0, LONGEST_COMMAND - 1)}…` : line;
}
