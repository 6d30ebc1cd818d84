import { expect, it } from 'vitest';
import { isLoopback } from '../../src/lib/hosts.ts';

it.each(['localhost', 'app.localhost', 'a.b.localhost', '127.0.0.1', '127.9.9.9', '[::1]'])('%s is loopback', (host) =>
  expect(isLoopback(host)).toBe(true),
);

it.each(['localhost.example', 'notlocalhost', '.localhost', '128.0.0.1', '127.0.0.1.example', '[::2]', '0.0.0.0'])(
  '%s is not loopback',
  (host) => expect(isLoopback(host)).toBe(false),
);
