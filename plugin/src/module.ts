import { DataSourcePlugin } from '@grafana/data';

import { ConfigEditor } from './components/ConfigEditor';
import { QueryEditor } from './components/QueryEditor';
import { QueryHelp } from './components/QueryHelp';
import { MeshDataSource } from './datasource';
import type { MeshOptions, MeshQuery, MeshSecrets } from './types';

export const plugin = new DataSourcePlugin<MeshDataSource, MeshQuery, MeshOptions, MeshSecrets>(MeshDataSource)
  .setConfigEditor(ConfigEditor)
  .setQueryEditor(QueryEditor)
  .setQueryEditorHelp(QueryHelp);
