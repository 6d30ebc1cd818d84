// Regular expressions of ECMAScript as a tree: as much of the grammar as this package uses. Anything else is an error, so
// that no pattern is checked as something that it is not.

/** A node of a pattern. */
export type Node =
  | { readonly kind: 'character'; readonly source: string; readonly accepts: (character: string) => boolean }
  | { readonly kind: 'sequence'; readonly parts: readonly Node[] }
  | { readonly kind: 'choice'; readonly options: readonly Node[] }
  | { readonly kind: 'repeat'; readonly body: Node; readonly min: number; readonly max: number; readonly lazy: boolean }
  | { readonly kind: 'capture'; readonly body: Node; readonly index: number }
  | { readonly kind: 'look'; readonly body: Node; readonly ahead: boolean; readonly negated: boolean }
  | { readonly kind: 'assertion'; readonly of: '^' | '$' | '\\b' | '\\B' }
  | { readonly kind: 'reference'; readonly index: number };

/** Parses the source of a pattern that the engine has accepted. */
export function parsePattern({ source, flags }: Pick<RegExp, 'source' | 'flags'>): Node {
  let at = 0;
  let captures = 0;
  const single = flags.replace(/[gy]/g, '');

  const ahead = (text: string): boolean => source.startsWith(text, at);
  const take = (text: string): boolean => {
    if (!ahead(text)) return false;
    at += text.length;
    return true;
  };

  function character(end: number): Node {
    const text = source.slice(at, end);
    at = end;
    // The engine itself says what one character of the pattern accepts.
    const pattern = new RegExp(`^(?:${text})$`, single);
    const known = new Map<string, boolean>();
    const accepts = (candidate: string): boolean => {
      const answer = known.get(candidate) ?? pattern.test(candidate);
      known.set(candidate, answer);
      return answer;
    };
    return { kind: 'character', source: text, accepts };
  }

  function choice(): Node {
    const options = [sequence()];
    while (take('|')) options.push(sequence());
    const [only] = options;
    return options.length === 1 && only !== undefined ? only : { kind: 'choice', options };
  }

  function sequence(): Node {
    const parts: Node[] = [];
    while (at < source.length && !ahead('|') && !ahead(')')) parts.push(quantified(atom()));
    return { kind: 'sequence', parts };
  }

  function quantified(body: Node): Node {
    const bounds = /^(?:[*+?]|\{(\d+)(,)?(\d*)\})/.exec(source.slice(at));
    if (bounds === null) return body;
    const [text, low, comma, high] = bounds;
    at += text.length;
    const lazy = take('?');
    const min = low === undefined ? (text === '+' ? 1 : 0) : Number(low);
    const unbounded = Number.POSITIVE_INFINITY;
    const max =
      low === undefined ? (text === '?' ? 1 : unbounded) : comma === undefined ? min : high ? Number(high) : unbounded;
    return { kind: 'repeat', body, min, max, lazy };
  }

  function atom(): Node {
    if (take('^')) return { kind: 'assertion', of: '^' };
    if (take('$')) return { kind: 'assertion', of: '$' };
    if (take('\\b')) return { kind: 'assertion', of: '\\b' };
    if (take('\\B')) return { kind: 'assertion', of: '\\B' };
    if (ahead('(')) return group();
    if (ahead('[')) return character(endOfClass());
    if (ahead('\\')) return escaped();
    if (ahead('*') || ahead('+') || ahead('?')) throw new SyntaxError(`nothing to repeat in /${source}/ at ${at}`);
    const isPair = single.includes('u') && (source.codePointAt(at) ?? 0) > 0xffff;
    return character(at + (isPair ? 2 : 1));
  }

  function group(): Node {
    const opening = /^\((?:\?(?::|<?[=!]))?/.exec(source.slice(at))?.[0] ?? '(';
    at += opening.length;
    if (opening === '(' && ahead('?')) throw new SyntaxError(`unknown group in /${source}/ at ${at}`);
    const index = opening === '(' ? ++captures : 0;
    const body = choice();
    if (!take(')')) throw new SyntaxError(`unfinished group in /${source}/`);
    if (opening === '(') return { kind: 'capture', body, index };
    if (opening === '(?:') return body;
    return { kind: 'look', body, ahead: !opening.includes('<'), negated: opening.endsWith('!') };
  }

  function endOfClass(): number {
    let end = at + 1;
    while (source[end] !== ']') end += source[end] === '\\' ? 2 : 1;
    return end + 1;
  }

  function escaped(): Node {
    const reference = /^\\([1-9])/.exec(source.slice(at));
    if (reference !== null) {
      at += 2;
      return { kind: 'reference', index: Number(reference[1]) };
    }
    const text = /^\\(?:u\{[0-9A-Fa-f]+\}|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|[pP]\{[^}]*\}|c[A-Za-z]|.)/s.exec(
      source.slice(at),
    )?.[0];
    if (text === undefined || text.startsWith('\\k')) throw new SyntaxError(`unknown escape in /${source}/ at ${at}`);
    return character(at + text.length);
  }

  const root = choice();
  if (at !== source.length) throw new SyntaxError(`cannot read /${source}/ from ${at}`);
  return root;
}
