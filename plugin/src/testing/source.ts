import { FieldType, toDataFrame, type DataQueryRequest, type DataSourceInstanceSettings } from '@grafana/data';
import { of, throwError } from 'rxjs';

import { MeshDataSource } from '../datasource';
import type { Language } from '../expression/language';
import type { MeshOptions, MeshQuery } from '../types';
import { dashboard } from './dashboard';

export const settings = {
  uid: 'mesh',
  type: 'meshscope-topology-datasource',
  name: 'Mesh',
  jsonData: {},
} as DataSourceInstanceSettings<MeshOptions>;

export const language: Language = {
  fields: [
    { name: 'errorRatio', of: ['edge'], type: 'number', doc: 'the part of the requests that failed' },
    { name: 'name', of: ['node'], type: 'text', doc: '' },
    { name: 'namespace', of: ['node'], type: 'text', doc: '' },
  ],
  functions: [{ name: 'known', doc: 'true if there is a value' }],
  operators: [],
};

/** What a mesh has, as workloads in namespaces in clusters. */
const mesh = [
  { cluster: 'eu', namespace: 'shop', name: 'cart' },
  { cluster: 'eu', namespace: 'pay', name: 'bank' },
  { cluster: 'us', namespace: 'shop-us', name: 'cart-us' },
];

const within = (names: string[] | undefined, name: string) => !names?.length || names.includes(name);

/** The answer of the backend to a query for names. */
export function answer({ of, clusters, namespaces }: MeshQuery) {
  const found = mesh.filter((at) => within(clusters, at.cluster) && within(namespaces, at.namespace));
  const key = of === 'clusters' ? 'cluster' : of === 'namespaces' ? 'namespace' : 'name';
  const names = [...new Set(found.map((at) => at[key]))];
  return toDataFrame({
    fields: [
      { name: 'text', type: FieldType.string, values: names },
      { name: 'value', type: FieldType.string, values: names },
    ],
  });
}

/** The data source over a backend that stands still. */
export function meshSource(variables: Parameters<typeof dashboard>[0] = {}) {
  const source = new MeshDataSource(settings, dashboard(variables));
  const query = jest.spyOn(source, 'query').mockImplementation((request: DataQueryRequest<MeshQuery>) => {
    const data = request.targets.map((target) => answer(source.applyTemplateVariables(target, request.scopedVars)));
    return of({ data });
  });
  const getResource = jest.spyOn(source, 'getResource').mockResolvedValue(language);
  const postResource = jest.spyOn(source, 'postResource').mockResolvedValue({ error: '' });
  return { source, query, getResource, postResource };
}

/** What the backend gives where its store does not answer. */
export const broken = () => throwError(() => ({ message: 'the store is away', status: 502 }));
