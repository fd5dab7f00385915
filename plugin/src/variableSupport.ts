import { CustomVariableSupport, type DataQueryRequest, type DataQueryResponse } from '@grafana/data';
import type { Observable } from 'rxjs';

import { VariableEditor } from './components/VariableEditor';
import type { MeshDataSource } from './datasource';
import { newVariableQuery } from './defaults';
import type { MeshQuery } from './types';
import { variableQuery } from './variableQuery';

/** "Query" variables are names that there are in the mesh. */
export class MeshVariableSupport extends CustomVariableSupport<MeshDataSource, MeshQuery> {
  editor = VariableEditor;

  constructor(private readonly datasource: MeshDataSource) {
    super();
  }

  getDefaultQuery(): Partial<MeshQuery> {
    return newVariableQuery;
  }

  query(request: DataQueryRequest<MeshQuery>): Observable<DataQueryResponse> {
    return this.datasource.query({ ...request, targets: request.targets.map(variableQuery) });
  }
}
