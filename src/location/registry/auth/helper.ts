import { PithError, printable, systemCode } from '../../../core/index.ts';
import type { Credential } from '../credentials.ts';

/** How a helper ended. */
export interface HelperOutcome {
  /** The exit code, or the name of the signal that ended it. */
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program that is searched for in the PATH, with a text as its standard input.
 * @throws the fault of the system if it cannot be started (ENOENT where there is none), or a PithError
 */
export type RunHelper = (command: string, args: readonly string[], stdin: string) => Promise<HelperOutcome>;

/** What a login gives: for an access token there is no place in the protocol, and it would soon be of no use. */
export type Login = Exclude<Credential, { readonly registryToken: string }>;

/** There is no such program. */
export class HelperMissing extends PithError {}

/** The end of a program's name: nothing that leads into another folder. */
const NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;
/** What helpers say on their standard output if they have nothing for a registry. */
const NOT_FOUND = 'credentials not found in native keychain';
/** The name of a user whose secret is an identity token. */
const TOKEN_USER = '<token>';
const MAX_SAID = 300;

/**
 * A program `docker-credential-NAME` that keeps credentials, by the protocol of docker-credential-helpers: the action as
 * argument, the server or a JSON object on standard input, an answer on standard output. What it says of a failure is
 * told as far as it cannot hold a secret, its answers never.
 */
export class CredentialHelper {
  readonly program: string;
  /** The program with the file that names it. */
  readonly shown: string;
  readonly #name: string;
  readonly #namedBy: string;
  readonly #run: RunHelper;

  /** @param namedBy the file that names it, for errors */
  constructor(name: string, namedBy: string, run: RunHelper) {
    this.program = `docker-credential-${name}`;
    this.shown = `${this.program} of ${namedBy}`;
    this.#name = name;
    this.#namedBy = namedBy;
    this.#run = run;
  }

  /** The credential for a server, undefined if it has none. @throws CREDENTIALS_FAILED */
  async get(server: string): Promise<Credential | undefined> {
    const answer = await this.#do('get', server);
    if (answer === undefined) return undefined;
    const fields = this.#parse('get', answer);
    const [username, secret] = [fields.get('username') ?? '', fields.get('secret') ?? ''];
    if (username === '' || secret === '') return undefined;
    return username === TOKEN_USER ? { identityToken: secret } : { username, password: secret };
  }

  /** Keeps a credential in place of what it has for the server. @throws CREDENTIALS_FAILED */
  async store(server: string, credential: Login): Promise<void> {
    const [username, secret] =
      'identityToken' in credential
        ? [TOKEN_USER, credential.identityToken]
        : [credential.username, credential.password];
    const message = JSON.stringify({ ServerURL: server, Username: username, Secret: secret });
    if ((await this.#do('store', message, secret)) === undefined)
      throw this.#fault('store', `said: ${NOT_FOUND}`);
  }

  /** Forgets what it has for a server; false if it had nothing. @throws CREDENTIALS_FAILED */
  async erase(server: string): Promise<boolean> {
    if ((await this.get(server)) === undefined) return false;
    return (await this.#do('erase', server)) !== undefined;
  }

  /** The user's name of each server that it has something for. @throws CREDENTIALS_FAILED */
  async list(): Promise<ReadonlyMap<string, string>> {
    return this.#parse('list', (await this.#do('list', '')) ?? '{}', false);
  }

  /** @returns its answer, undefined if it has nothing for the server */
  async #do(action: string, input: string, secret = ''): Promise<string | undefined> {
    if (!NAME.test(this.#name))
      throw new PithError(
        'CREDENTIALS_FAILED',
        `${JSON.stringify(printable(this.#name))} is not the name of a helper`,
        {
          path: this.#namedBy,
          hint: `A helper is named by what follows docker-credential- in its file's name: correct it in ${this.#namedBy}.`,
        },
      );
    let outcome;
    try {
      outcome = await this.#run(this.program, [action], input);
    } catch (error) {
      throw this.#notRun(action, error);
    }
    const { code, stdout, stderr } = outcome;
    if (code === 0) return stdout;
    if (stdout.includes(NOT_FOUND) || stderr.includes(NOT_FOUND)) return undefined;
    const said = complaintIn(stdout, secret) || complaintIn(stderr, secret);
    throw this.#fault(action, `failed (${code})${said === '' ? '' : `: ${said}`}`);
  }

  #notRun(action: string, error: unknown): unknown {
    if (error instanceof PithError)
      return error.code === 'INTERRUPTED' ? error : this.#fault(action, error.message);
    if (systemCode(error) === 'ENOENT')
      return new HelperMissing('CREDENTIALS_FAILED', `${this.program} is not installed`, {
        path: this.#namedBy,
        hint: `Install it or take it out of ${this.#namedBy}, which names it; or name another file in $REGISTRY_AUTH_FILE.`,
      });
    return this.#fault(action, `cannot be started (${systemCode(error) ?? 'unknown fault'})`);
  }

  /** The texts of an object in JSON, by their names; in lower case, since helpers differ in it as Docker does not care. */
  #parse(action: string, answer: string, foldCase = true): Map<string, string> {
    let value: unknown;
    try {
      value = JSON.parse(answer);
    } catch {
      // What it said may be a secret.
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw this.#fault(action, 'answered something else than a JSON object');
    return new Map(
      Object.entries(value).flatMap(([name, text]: [string, unknown]) =>
        typeof text === 'string' ? [[foldCase ? name.toLowerCase() : name, text] as const] : [],
      ),
    );
  }

  #fault(action: string, what: string): PithError {
    return new PithError('CREDENTIALS_FAILED', `\`${this.program} ${action}\` ${what}`, {
      path: this.#namedBy,
      hint: `${this.#namedBy} names it: see whether it works by itself, or take it out there.`,
    });
  }
}

/** What a helper complains of, in one line, without what follows a brace, which may be an object with a secret. */
function complaintIn(output: string, secret: string): string {
  const plain = output.split('{')[0] ?? '';
  const hidden = secret === '' ? plain : plain.replaceAll(secret, '***');
  return printable(hidden).trim().replace(/\s+/g, ' ').slice(0, MAX_SAID);
}
