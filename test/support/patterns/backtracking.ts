import type { Node } from './syntax.ts';

/** The result of a search, and the number of its steps. */
export interface Search {
  /** Start and end, in characters; `null`: no match. */
  readonly match: readonly [start: number, end: number] | null;
  readonly steps: number;
}

/** Steps after which a search is given up. */
export const maxSteps = 1_000_000;

/** Characters as the engine sees them under these flags: code points under `u`, else code units. */
export function charactersOf(text: string, flags: string): readonly string[] {
  return /[uv]/.test(flags) ? [...text] : text.split('');
}

type Continue = (at: number) => number;
const failed = -1;

/**
 * Searches from `from` as a backtracking engine does (ECMA-262, 22.2.2) and counts what it does: characters compared and
 * alternatives tried. Unlike time, this is the same on every machine.
 */
export function search(root: Node, flags: string, text: readonly string[], from = 0): Search {
  let steps = 0;
  const captures: (readonly [number, number] | undefined)[] = [];
  const step = (): void => {
    if (++steps > maxSteps) throw new RangeError('too many steps');
  };
  const isWord = (at: number): boolean => /^\w$/.test(text[at] ?? '');
  const isLineEnd = (character: string | undefined): boolean => /^[\n\r\u2028\u2029]$/.test(character ?? '');
  const multiline = flags.includes('m');

  /** Matches `node` at `at`, forwards or backwards, then whatever follows. Gives the end, or -1. */
  function match(node: Node, at: number, forward: boolean, next: Continue): number {
    step();
    switch (node.kind) {
      case 'character': {
        const character = text[forward ? at : at - 1];
        if (character === undefined || !node.accepts(character)) return failed;
        return next(forward ? at + 1 : at - 1);
      }
      case 'sequence':
        return sequence(node.parts, forward ? 0 : node.parts.length - 1, at, forward, next);
      case 'choice':
        for (const option of node.options) {
          const end = match(option, at, forward, next);
          if (end !== failed) return end;
        }
        return failed;
      case 'repeat':
        return node.body.kind === 'character' ? run(node, at, forward, next) : repeat(node, 0, at, forward, next);
      case 'capture': {
        const before = captures[node.index];
        const end = match(node.body, at, forward, (after) => {
          const inside = captures[node.index];
          captures[node.index] = forward ? [at, after] : [after, at];
          const rest = next(after);
          if (rest === failed) captures[node.index] = inside;
          return rest;
        });
        if (end === failed) captures[node.index] = before;
        return end;
      }
      case 'look': {
        const found = match(node.body, at, node.ahead, (after) => after) !== failed;
        return found === node.negated ? failed : next(at);
      }
      case 'assertion':
        return asserts(node.of, at) ? next(at) : failed;
      case 'reference': {
        const [start, end] = captures[node.index] ?? [0, 0];
        const length = end - start;
        const begin = forward ? at : at - length;
        for (let i = 0; i < length; i++) {
          step();
          if (text[begin + i] !== text[start + i]) return failed;
        }
        return next(forward ? at + length : begin);
      }
    }
  }

  function sequence(parts: readonly Node[], index: number, at: number, forward: boolean, next: Continue): number {
    const part = parts[index];
    if (part === undefined) return next(at);
    return match(part, at, forward, (after) => sequence(parts, forward ? index + 1 : index - 1, after, forward, next));
  }

  type Repeat = Extract<Node, { kind: 'repeat' }>;

  function repeat(node: Repeat, done: number, at: number, forward: boolean, next: Continue): number {
    const again = (): number =>
      match(node.body, at, forward, (after) =>
        // An iteration that consumes nothing is not repeated.
        after === at && done >= node.min ? failed : repeat(node, done + 1, after, forward, next),
      );
    if (done < node.min) return again();
    if (done >= node.max) return next(at);
    const first = node.lazy ? next(at) : again();
    return first === failed ? (node.lazy ? again() : next(at)) : first;
  }

  /** One character repeated, without recursion. */
  function run({ body, min, max, lazy }: Repeat, at: number, forward: boolean, next: Continue): number {
    if (body.kind !== 'character') return failed;
    const direction = forward ? 1 : -1;
    const accepts = (count: number): boolean => {
      step();
      const character = text[forward ? at + count : at - count - 1];
      return character !== undefined && body.accepts(character);
    };
    let count = 0;
    while (count < (lazy ? min : max) && accepts(count)) count++;
    if (count < min) return failed;
    for (;;) {
      step();
      const end = next(at + direction * count);
      if (end !== failed) return end;
      if (lazy ? count >= max || !accepts(count) : count <= min) return failed;
      count += lazy ? 1 : -1;
    }
  }

  function asserts(of: '^' | '$' | '\\b' | '\\B', at: number): boolean {
    if (of === '^') return at === 0 || (multiline && isLineEnd(text[at - 1]));
    if (of === '$') return at === text.length || (multiline && isLineEnd(text[at]));
    return (isWord(at - 1) !== isWord(at)) === (of === '\\b');
  }

  const last = flags.includes('y') ? from : text.length;
  for (let start = from; start <= last; start++) {
    captures.length = 0;
    const end = match(root, start, true, (after) => after);
    if (end !== failed) return { match: [start, end], steps };
  }
  return { match: null, steps };
}

/** Steps of all searches that find one match after the other, as `replace` and `split` do. */
export function stepsOfAll(root: Node, flags: string, text: readonly string[]): number {
  let steps = 0;
  let at = 0;
  while (at <= text.length) {
    const found = search(root, flags, text, at);
    steps += found.steps;
    if (steps > maxSteps) throw new RangeError('too many steps');
    if (found.match === null) break;
    const [start, end] = found.match;
    at = end === start ? end + 1 : end;
  }
  return steps;
}
