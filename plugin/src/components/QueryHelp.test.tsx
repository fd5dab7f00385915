import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';

import { queryTypes } from '../choices';
import { fitting } from '../defaults';
import { examples } from '../examples';
import { tokensOf } from '../expression/tokens';
import { says, typedFields } from '../fields';
import { QueryHelp } from './QueryHelp';

const query = { refId: 'B' };

it('puts an example into the editor by a click', async () => {
  const onClickExample = jest.fn();
  render(<QueryHelp query={query} datasource={{} as never} onClickExample={onClickExample} />);
  await userEvent.click(screen.getByRole('button', { name: 'Use the example: What fails' }));
  expect(onClickExample.mock.calls).toEqual([
    [{ refId: 'A', schemaVersion: 1, queryType: 'graph', level: 'workload', filter: 'edge.errorRatio > 0.01' }],
  ]);
  expect(screen.getAllByRole('button')).toHaveLength(examples.length);
});

it.each(examples)('has only what its type has: $title', ({ query }) => {
  const stored = { refId: 'A', ...query };
  expect(fitting(stored)).toEqual(stored);
  expect(queryTypes.map(({ value }) => value)).toContain(stored.queryType);
  for (const field of typedFields.filter((field) => field in query)) {
    expect([field, says(stored.queryType as never, field)]).toEqual([field, true]);
  }
  for (const token of tokensOf(`${query.filter ?? ''} ${query.highlight ?? ''}`)) {
    expect(token.closed).toBe(true);
  }
});
