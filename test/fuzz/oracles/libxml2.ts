import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** An element to canonicalize with all that it holds. */
export interface Part {
  /** Position in document order; the root is 0. */
  readonly index: number;
  readonly exclusive: boolean;
  /** PrefixList; `#default` names the default namespace. */
  readonly prefixes: readonly string[];
}

/** What libxml2 makes of a document. */
export interface Libxml2Reading {
  /** Why it is refused; `null` when it is not. */
  readonly error: string | null;
  /** Inclusive canonical form of the document without comments: all that it says, as text. */
  readonly whole: string | null;
  /** Canonical form of the part that was asked for. */
  readonly part: string | null;
}

/** libxml2 in a process of its own, which answers in the order of the questions. */
export class Libxml2 {
  readonly #process: ChildProcess;
  readonly #waiting: { resolve: (reading: Libxml2Reading) => void; reject: (error: Error) => void }[] = [];

  private constructor() {
    this.#process = spawn('python3', ['test/fuzz/oracles/libxml2.py'], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#process.on('error', (error) => this.#fail(error));
    this.#process.on('exit', () => this.#fail(new Error('the libxml2 process has ended')));
    if (this.#process.stdout === null) throw new Error('no pipe to libxml2');
    createInterface({ input: this.#process.stdout }).on('line', (line) => {
      const reading: Libxml2Reading = JSON.parse(line);
      this.#waiting.shift()?.resolve(reading);
    });
  }

  /** Starts it; `null` where python3 or libxml2 is missing. */
  static async start(): Promise<Libxml2 | null> {
    const libxml2 = new Libxml2();
    const works = await libxml2.read(Buffer.from('<a/>'), null).then(
      ({ whole }) => whole === '<a></a>',
      () => false,
    );
    return works ? libxml2 : null;
  }

  /** Reads a document. */
  read(xml: Uint8Array, part: Part | null): Promise<Libxml2Reading> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#process.stdin?.write(`${JSON.stringify({ xml: Buffer.from(xml).toString('base64'), part })}\n`);
    });
  }

  /** Ends the process. */
  stop(): void {
    this.#process.removeAllListeners('exit');
    this.#process.stdin?.end();
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
