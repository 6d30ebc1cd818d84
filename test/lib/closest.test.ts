import { expect, it } from 'vitest';
import { closest } from '../../src/lib/closest.ts';

it.each([
  ['Certificate', ['certificates', 'certificate'], 'certificate'],
  ['certficates', ['certificate', 'certificates'], 'certificates'],
  ['cert', ['entityId', 'certificate'], 'certificate'],
  ['clockSkew', ['clockSkewSeconds'], 'clockSkewSeconds'],
  ['polcy', ['idp', 'policy'], 'policy'],
  ['xyz', ['idp', 'policy'], undefined],
  ['ab', ['abcdef'], undefined],
  ['x', [], undefined],
])('the closest to %s among %j is %s', (word, candidates, expected) =>
  expect(closest(word, candidates)).toBe(expected),
);
