import { getDefaultTimeRange, type DataQueryRequest, type DataQueryResponse } from '@grafana/data';
import { setTemplateSrv } from '@grafana/runtime';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React, { useState } from 'react';
import { lastValueFrom } from 'rxjs';

import { dashboard } from './testing/dashboard';
import { meshSource } from './testing/source';
import type { MeshQuery } from './types';
import { MeshVariableSupport } from './variableSupport';

beforeEach(() => setTemplateSrv(dashboard({})));

/** The values of a variable whose query is as stored. */
async function valuesOf(stored: unknown, variables: Parameters<typeof dashboard>[0] = {}) {
  const { source, query } = meshSource(variables);
  const request = { targets: [stored], scopedVars: {}, range: getDefaultTimeRange() };
  const { data } = await lastValueFrom<DataQueryResponse>(
    new MeshVariableSupport(source).query(request as unknown as DataQueryRequest<MeshQuery>)
  );
  return { names: data[0].fields[1].values, asked: query.mock.calls[0][0].targets[0] };
}

it.each([
  ['a new one', ''],
  ['one without a query', undefined],
  ['one that had another data source', { refId: 'P', expr: 'up' }],
])('asks for namespaces for %s', async (_, stored) => {
  const { names, asked } = await valuesOf(stored);
  expect(names).toEqual(['shop', 'pay', 'shop-us']);
  expect(asked).toMatchObject({ schemaVersion: 1, queryType: 'values', of: 'namespaces' });
  expect(asked.refId).not.toBe('');
});

it('asks for what another variable says', async () => {
  const stored = { refId: 'v', queryType: 'values', of: 'namespaces', clusters: ['$cluster'] };
  expect((await valuesOf(stored, { cluster: { value: ['us'] } })).names).toEqual(['shop-us']);
  expect((await valuesOf(stored, { cluster: { value: ['eu', 'us'] } })).names).toEqual(['shop', 'pay', 'shop-us']);
});

it('is what the data source has for variables', () => {
  expect(meshSource().source.variables).toBeInstanceOf(MeshVariableSupport);
});

it('is edited like a query, of names alone', async () => {
  const { source } = meshSource();
  const { editor: Editor } = new MeshVariableSupport(source);
  const changed = jest.fn<void, [MeshQuery]>();
  const Form = () => {
    const [query, setQuery] = useState<MeshQuery>('' as unknown as MeshQuery);
    const onChange = (query: MeshQuery) => {
      changed(query);
      setQuery(query);
    };
    return <Editor datasource={source} query={query} onChange={onChange} onRunQuery={() => {}} />;
  };
  render(<Form />);
  const user = userEvent.setup();
  expect(screen.getByRole('radio', { name: 'Namespaces' })).toBeChecked();
  expect(screen.queryByText('Query type')).not.toBeInTheDocument();
  expect(screen.queryByText('Level')).not.toBeInTheDocument();
  await user.click(screen.getByRole('radio', { name: 'Workloads' }));
  await user.click(screen.getByLabelText('Namespaces', { selector: '[id$="namespaces"]' }));
  await user.click(await screen.findByText('shop-us'));
  await user.type(screen.getByRole('combobox', { name: 'Filter' }), 'node.root{Enter}');
  expect(changed).toHaveBeenLastCalledWith({
    refId: 'values',
    schemaVersion: 1,
    queryType: 'values',
    of: 'workloads',
    namespaces: ['shop-us'],
    filter: 'node.root',
  });
});
