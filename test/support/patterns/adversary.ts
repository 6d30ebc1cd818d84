import type { Node } from './syntax.ts';

/** Text that takes a pattern long: `before`, then `repeated` as often as wanted, then `after`. */
export interface Attack {
  readonly before: string;
  readonly repeated: string;
  readonly after: string;
}

/** Attack of about `length` characters. */
export function attackText({ before, repeated, after }: Attack, length: number): string {
  return before + repeated.repeat(Math.max(1, Math.round(length / repeated.length))) + after;
}

const maxCharacters = 10;
const maxWords = 16;
// White space and line ends, letters, digits, punctuation, what no pattern accepts, and what is no white space of XML.
const usual = ' \n\ta_Zz09.-/:<>"\'&=;,%+@\0\u00a0\u00e9\u2028\ufeff\u{1f600}';

/** Texts made of the pattern's own alphabet, of what its parts accept, and of near misses. In a fixed order. */
export function attacksOn(root: Node): readonly Attack[] {
  const alphabet = alphabetOf(root);
  const sampler = new Sampler(alphabet);
  const beginnings = sampler.beginnings(root);
  const words = unique([...beginnings.filter((text) => text !== ''), ...sampler.words(root)]).slice(0, maxWords);
  const few = [...alphabet.slice(0, 6), ...words.slice(0, 4)];
  const pairs = few.flatMap((first) => few.map((second) => first + second));
  const repeated = unique([...alphabet, ...words, ...pairs]);
  const before = unique(['', '\0', ...beginnings]).slice(0, 6);
  const after = unique(['', '\0', ...alphabet.slice(0, 3)]);
  return before.flatMap((start) =>
    repeated.flatMap((middle) => after.map((end) => ({ before: start, repeated: middle, after: end }))),
  );
}

/** One character of each kind that the pattern distinguishes. */
function alphabetOf(root: Node): readonly string[] {
  const characters: Extract<Node, { kind: 'character' }>[] = [];
  visit(root, (node) => {
    if (node.kind === 'character') characters.push(node);
  });
  const literal = characters.flatMap(({ source }) => [...source.replace(/^\\(?=.$)/, '')]);
  const kinds = new Map<string, string>();
  for (const candidate of unique([...usual, ...literal, ...literal.flatMap(neighbours)])) {
    const kind = characters.map(({ accepts }) => (accepts(candidate) ? 1 : 0)).join('');
    if (!kinds.has(kind)) kinds.set(kind, candidate);
  }
  // Those that most parts accept come first.
  const popularity = (kind: string): number => kind.replaceAll('0', '').length;
  return [...kinds]
    .sort(([a], [b]) => popularity(b) - popularity(a))
    .slice(0, maxCharacters)
    .map(([, character]) => character);
}

function neighbours(character: string): readonly string[] {
  const code = character.codePointAt(0) ?? 0;
  return [code - 1, code + 1].filter((near) => near >= 0 && near < 0xd800).map((near) => String.fromCodePoint(near));
}

class Sampler {
  readonly #candidates: readonly string[];

  constructor(alphabet: readonly string[]) {
    this.#candidates = unique([...alphabet, ...usual]);
  }

  /** A short text that `node` accepts, as far as that is known without searching. */
  sample(node: Node, repetitions = 0): string {
    switch (node.kind) {
      case 'character': {
        const plain = node.source.replace(/^\\(?=[^\w]$)/, '');
        if (node.accepts(plain)) return plain;
        return this.#candidates.find((candidate) => node.accepts(candidate)) ?? '';
      }
      case 'sequence':
        return node.parts.map((part) => this.sample(part, repetitions)).join('');
      case 'choice':
        return node.options[0] === undefined ? '' : this.sample(node.options[0], repetitions);
      case 'repeat':
        return this.sample(node.body, repetitions).repeat(Math.min(Math.max(node.min, repetitions), node.max, 40));
      case 'capture':
        return this.sample(node.body, repetitions);
      default:
        return '';
    }
  }

  /** What parts of the pattern accept: bodies of repetitions, runs of parts between them, alternatives, the whole. */
  words(root: Node): readonly string[] {
    const found: string[] = [];
    visit(root, (node) => {
      if (node.kind === 'repeat') found.push(this.sample(node.body), this.sample(node.body, 1));
      if (node.kind === 'choice')
        for (const option of node.options) found.push(this.sample(option), this.sample(option, 1));
      if (node.kind !== 'sequence') return;
      let run = '';
      for (const part of node.parts) {
        if (isUnbounded(part)) {
          found.push(run);
          run = '';
        } else run += this.sample(part);
      }
      found.push(run, this.sample(node), this.sample(node, 1));
      if (node.parts.some(({ kind }) => kind === 'look'))
        for (const part of node.parts) if (part.kind === 'look') found.push(this.sample(part.body, 1));
    });
    return unique(found.filter((word) => word !== ''));
  }

  /** What leads to each repetition. */
  beginnings(root: Node): readonly string[] {
    const found: string[] = [];
    const walk = (node: Node, before: string): void => {
      if (node.kind === 'repeat') {
        found.push(before);
        walk(node.body, before);
      } else if (node.kind === 'sequence') {
        let text = before;
        for (const part of node.parts) {
          walk(part, text);
          text += this.sample(part);
        }
      } else if (node.kind === 'choice') for (const option of node.options) walk(option, before);
      else if (node.kind === 'capture' || node.kind === 'look') walk(node.body, before);
    };
    walk(root, '');
    return unique(found);
  }
}

function isUnbounded(node: Node): boolean {
  let unbounded = false;
  visit(node, (inner) => {
    if (inner.kind === 'repeat' && inner.max === Number.POSITIVE_INFINITY) unbounded = true;
  });
  return unbounded;
}

function visit(node: Node, look: (node: Node) => void): void {
  look(node);
  if (node.kind === 'sequence') for (const part of node.parts) visit(part, look);
  else if (node.kind === 'choice') for (const option of node.options) visit(option, look);
  else if ('body' in node) visit(node.body, look);
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
