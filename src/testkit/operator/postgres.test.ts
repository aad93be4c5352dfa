import { expect, it } from 'vitest';
import { findPostgres } from './postgres.ts';

it('takes the server it is told, else the binaries, else none, and none is an error where one is required', () => {
  const url = 'postgresql://somewhere/test';
  expect(findPostgres({ KAIMEN_TEST_DATABASE_URL: url }, [])).toEqual({ kind: 'url', url });
  expect(findPostgres({}, ['/nowhere'])).toEqual({ kind: 'none' });
  expect(() => findPostgres({ KAIMEN_REQUIRE_POSTGRES: '1' }, ['/nowhere'])).toThrow(
    'KAIMEN_REQUIRE_POSTGRES',
  );
});
