import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { namespaces } from '../../../src/saml/names.ts';

interface Question {
  readonly xml: string;
  readonly resolve: (refusal: string | null) => void;
}

// Starting xmlsec1 takes a hundred times longer than one message.
const batchSize = 128;

/** xmlsec1 verifies signatures, many messages in one call. */
export class Xmlsec {
  readonly #directory = mkdtempSync(join(tmpdir(), 'saml-jit-fuzz-'));
  /** What is waiting, by certificate. */
  readonly #waiting = new Map<string, Question[]>();
  #files = 0;
  /** How long a message may wait for others, in milliseconds. */
  patience = 3000;

  private constructor() {}

  /** Starts it; `null` where xmlsec1 is missing. */
  static start(): Xmlsec | null {
    return spawnSync('xmlsec1', ['--version']).status === 0 ? new Xmlsec() : null;
  }

  /**
   * Verifies the signature of the Response, else that of its Assertion, with the key of a certificate; KeyInfo is not
   * believed.
   *
   * @returns what xmlsec1 says when it refuses; `null` when it accepts
   */
  verify(xml: string, certificate: string): Promise<string | null> {
    let questions = this.#waiting.get(certificate);
    if (questions === undefined) {
      questions = [];
      this.#waiting.set(certificate, questions);
      const opened = questions;
      setTimeout(() => this.#close(certificate, opened), this.patience);
    }
    const asked = questions;
    return new Promise((resolve) => {
      asked.push({ xml, resolve });
      if (asked.length >= batchSize) this.#close(certificate, asked);
    });
  }

  /** Removes its files. */
  stop(): void {
    rmSync(this.#directory, { recursive: true });
  }

  #close(certificate: string, questions: readonly Question[]): void {
    if (this.#waiting.get(certificate) !== questions) return;
    this.#waiting.delete(certificate);
    void this.#answer(certificate, questions);
  }

  /** xmlsec1 stops at the first message that it refuses, and does not name it: it is found by halving. */
  async #answer(certificate: string, questions: readonly Question[]): Promise<void> {
    const refusal = await this.#run(certificate, questions);
    if (refusal === null || questions.length === 1) {
      for (const { resolve } of questions) resolve(refusal);
      return;
    }
    const half = questions.length >> 1;
    await this.#answer(certificate, questions.slice(0, half));
    await this.#answer(certificate, questions.slice(half));
  }

  #run(certificate: string, questions: readonly Question[]): Promise<string | null> {
    const files = [certificate, ...questions.map(({ xml }) => xml)].map((content) => {
      const file = join(this.#directory, `${this.#files++}`);
      writeFileSync(file, content);
      return file;
    });
    const [certificateFile = '', ...messages] = files;
    const options = [
      ...['--verify', '--pubkey-cert-pem', certificateFile, '--enabled-key-data', 'aes'],
      ...['--enabled-reference-uris', 'same-doc', '--node-xpath', outermost],
      ...['--id-attr:ID', `${namespaces.protocol}:Response`, '--id-attr:ID', `${namespaces.assertion}:Assertion`],
    ];
    const said = (text: string): string => text.replaceAll(this.#directory, '').trim();
    return new Promise((resolve) => {
      execFile('xmlsec1', [...options, ...messages], (error, stdout, stderr) => {
        for (const file of files) rmSync(file);
        resolve(error === null ? null : said(stderr) || said(stdout) || error.message);
      });
    });
  }
}

const named = (namespace: string, localName: string): string =>
  `*[local-name()='${localName}' and namespace-uri()='${namespace}']`;
const signature = named(namespaces.signature, 'Signature');
/** Selects the Signature of the Response, else that of its Assertion. */
const outermost = `/*/${signature} | /*[not(${signature})]/${named(namespaces.assertion, 'Assertion')}/${signature}`;
