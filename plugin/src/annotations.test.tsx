import type { AnnotationQuery } from '@grafana/data';
import { setTemplateSrv } from '@grafana/runtime';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React, { useState } from 'react';

import { annotationSupport } from './annotations';
import { dashboard } from './testing/dashboard';
import { meshSource } from './testing/source';
import type { MeshQuery } from './types';

beforeEach(() => setTemplateSrv(dashboard({})));

const annotation = (target?: Partial<MeshQuery>) =>
  ({ name: 'Mesh', enable: true, iconColor: 'red', target }) as AnnotationQuery<MeshQuery>;

it.each<[string, Partial<MeshQuery> | undefined, Partial<MeshQuery>]>([
  ['a new one', undefined, { refId: 'Anno', level: 'workload' }],
  ['one of a panel’s query', { refId: 'A', queryType: 'graph', level: 'app' }, { refId: 'A', level: 'app' }],
  ['one that is narrowed', { refId: 'Anno', namespaces: ['$ns'] }, { refId: 'Anno', namespaces: ['$ns'] }],
])('asks for changes for %s', (_, target, want) => {
  expect(annotationSupport.prepareQuery?.(annotation(target))).toMatchObject({
    schemaVersion: 1,
    queryType: 'changes',
    ...want,
  });
});

it('is what the data source has for annotations', () => {
  expect(meshSource().source.annotations).toBe(annotationSupport);
});

it('is edited like a query, of changes alone', async () => {
  const { source } = meshSource();
  const Editor = annotationSupport.QueryEditor!;
  const ran = jest.fn<void, [MeshQuery]>();
  let last: MeshQuery = { refId: 'Anno' };
  const Form = () => {
    const [query, setQuery] = useState(last);
    const onChange = (changed: MeshQuery) => setQuery((last = changed));
    return <Editor datasource={source} query={query} onChange={onChange} onRunQuery={() => ran(last)} />;
  };
  render(<Form />);
  const user = userEvent.setup();
  expect(screen.getByText(/An annotation for each node and edge/)).toBeInTheDocument();
  expect(screen.queryByText('Query type')).not.toBeInTheDocument();
  await user.click(screen.getByRole('radio', { name: 'App' }));
  expect(ran.mock.calls).toEqual([[{ refId: 'Anno', schemaVersion: 1, queryType: 'changes', level: 'app' }]]);
});
