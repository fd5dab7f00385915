import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { proposals, readQuery } from './links';

const golden = join(__dirname, 'testdata', 'proposals.json');

it('proposes links that the backend’s tests read', () => {
  const links = proposals.map(({ link }) => link);
  if (process.env.UPDATE) {
    writeFileSync(golden, JSON.stringify(links));
  }
  expect(JSON.parse(readFileSync(golden, 'utf8'))).toEqual(links);
});

it.each(['', '1', 'null', '[]', '{"a"', '"a"'])('takes %s for no query', (text) => {
  expect(readQuery(text).error).toMatch(/JSON object/);
});
