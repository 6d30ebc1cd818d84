import { namespaces } from './names.ts';

/** Prefixes that a selector may use; elements of other namespaces are reached by `*` and `local-name()`. */
export const selectorPrefixes: Readonly<Record<string, string>> = {
  saml: namespaces.assertion,
  samlp: namespaces.protocol,
  xs: namespaces.schema,
  xsi: namespaces.schemaInstance,
};

const maxLength = 500;
const maxNesting = 8;
const maxSteps = 24;

// Excluded: functions that leave the node, such as id() and lang(), and functions whose cost is more than linear.
const functions: ReadonlySet<string> = new Set([
  'contains',
  'last',
  'local-name',
  'normalize-space',
  'not',
  'position',
  'starts-with',
]);

const token =
  /\s*(?:("[^"]*"|'[^']*'|\d+(?:\.\d+)?)|([A-Za-z_][\w.-]*::)|([A-Za-z_][\w.-]*(?::(?:\*|[A-Za-z_][\w.-]*))?)|(\.\.|\/\/|!=|<=|>=|[/@.*=<>,()[\]]))\s*/y;

type Kind = 'constant' | 'axis' | 'name' | 'symbol' | 'end';

/**
 * Accepts the subset of XPath 1.0 whose cost is bounded and which never leaves the assertion: paths of child and
 * attribute steps (`/`, `@`), with predicates that compare the descendants of a node with constants.
 *
 * @throws TypeError with the reason and the position
 */
export function checkSelector(expression: string): void {
  if (expression.length > maxLength) throw new TypeError(`an XPath selector has at most ${maxLength} characters`);
  new Check(expression).whole();
}

class Check {
  readonly #text: string;
  #next = 0;
  #at = 0;
  #depth = 0;
  #steps = 0;
  #kind: Kind = 'end';
  #value = '';

  constructor(text: string) {
    this.#text = text;
    this.#advance();
  }

  whole(): void {
    this.#take('/');
    this.#path();
    if (this.#kind !== 'end') this.#unexpected();
  }

  #path(): void {
    do this.#step();
    while (this.#take('/'));
  }

  #step(): void {
    this.#count();
    if (this.#take('.')) return;
    if (this.#kind === 'axis') {
      if (this.#value !== 'child::' && this.#value !== 'attribute::')
        this.#refuse(`the axis ${this.#value} is not allowed`);
      this.#advance();
    } else this.#take('@');
    this.#nodeTest();
    while (this.#take('[')) {
      this.#nested(() => this.#any());
      this.#expect(']');
    }
  }

  #nodeTest(): void {
    if (this.#take('*')) return;
    if (this.#kind !== 'name') this.#unexpected();
    const name = this.#value;
    const [prefix, localName] = name.split(':');
    if (localName !== undefined && !Object.hasOwn(selectorPrefixes, prefix ?? '')) {
      this.#refuse(`unknown prefix "${prefix}", expected ${Object.keys(selectorPrefixes).join(', ')}`);
    }
    this.#advance();
    if (!this.#take('(')) return;
    if (name !== 'text') this.#refuse(`${name}() is not allowed here, only text()`);
    this.#expect(')');
  }

  /** Conditions joined by `and` and `or`. */
  #any(): void {
    do this.#comparison();
    while (this.#kind === 'name' && /^(?:and|or)$/.test(this.#value) && this.#advance());
  }

  /** A constant on one side keeps comparisons linear: two sets of nodes would be compared pairwise. */
  #comparison(): void {
    const isPlace = this.#isCall() && /^(?:last|position)$/.test(this.#value);
    this.#operand();
    const operator = this.#kind === 'symbol' ? this.#value : '';
    if (!/^(?:!?=|[<>]=?)$/.test(operator)) return;
    this.#advance();
    if (this.#kind !== 'constant') this.#refuse('the right side of a comparison must be a quoted text or a number');
    // xpath converts a text to a number in quadratic time.
    if (!isPlace && (/^[<>]/.test(operator) || /^\d/.test(this.#value))) {
      this.#refuse('only position() and last() compare with a number: write = or != and a quoted text');
    }
    this.#advance();
  }

  #operand(): void {
    if (this.#takeConstant()) return;
    if (this.#take('(')) {
      this.#nested(() => this.#any());
      this.#expect(')');
      return;
    }
    if (this.#isCall()) this.#call();
    else this.#path();
  }

  #isCall(): boolean {
    return this.#kind === 'name' && this.#value !== 'text' && this.#text[this.#next] === '(';
  }

  #call(): void {
    const name = this.#value;
    if (!functions.has(name)) this.#refuse(`the function ${name}() is not allowed`);
    this.#count();
    this.#advance();
    this.#expect('(');
    this.#nested(() => this.#arguments(name));
    this.#expect(')');
  }

  #arguments(name: string): void {
    if (name === 'last' || name === 'position') return;
    if (name === 'local-name' || name === 'normalize-space') {
      if (this.#value !== ')') this.#path();
    } else if (name === 'not') this.#any();
    else {
      this.#operand();
      this.#expect(',');
      // Searching one long text in another takes quadratic time.
      if (!this.#takeConstant()) this.#refuse(`the second argument of ${name}() must be a quoted text`);
    }
  }

  #count(): void {
    this.#steps += 1;
    if (this.#steps > maxSteps) this.#refuse(`more than ${maxSteps} steps and functions`);
  }

  #nested(inner: () => void): void {
    this.#depth += 1;
    if (this.#depth > maxNesting) this.#refuse(`more than ${maxNesting} levels of brackets`);
    inner();
    this.#depth -= 1;
  }

  #takeConstant(): boolean {
    return this.#kind === 'constant' && this.#advance();
  }

  #take(symbol: string): boolean {
    return this.#kind === 'symbol' && this.#value === symbol && this.#advance();
  }

  #expect(symbol: string): void {
    if (!this.#take(symbol)) this.#refuse(`expected "${symbol}"`);
  }

  #advance(): true {
    this.#at = this.#next;
    token.lastIndex = this.#next;
    const match = token.exec(this.#text);
    if (match === null && this.#next < this.#text.length)
      this.#refuse(`unexpected ${JSON.stringify(this.#text[this.#next])}`);
    const [whole = '', constant, axis, name, symbol] = match ?? [];
    this.#next += whole.length;
    this.#kind = constant ? 'constant' : axis ? 'axis' : name ? 'name' : symbol ? 'symbol' : 'end';
    this.#value = constant ?? axis ?? name ?? symbol ?? '';
    if (symbol === '//') this.#refuse('"//" would search at every depth: name each step');
    if (symbol === '..') this.#refuse('".." would leave the node: only child and attribute steps are allowed');
    return true;
  }

  #unexpected(): never {
    if (this.#value === '/') this.#refuse('a path begins at the root only at the very start');
    this.#refuse(this.#kind === 'end' ? 'the expression is incomplete' : `unexpected ${JSON.stringify(this.#value)}`);
  }

  #refuse(problem: string): never {
    throw new TypeError(`XPath selector: ${problem}, at character ${this.#at + 1} of ${JSON.stringify(this.#text)}`);
  }
}
