import type { AnnotationSupport } from '@grafana/data';

import { AnnotationEditor } from './components/AnnotationEditor';
import { newAnnotationQuery } from './defaults';
import type { MeshQuery } from './types';

/**
 * Annotations are the mesh's changes. Grafana finds the columns of these by their names: time, title, text and tags.
 */
export const annotationSupport: AnnotationSupport<MeshQuery> = {
  getDefaultQuery: () => newAnnotationQuery,
  // Annotations that were made by hand or by another data source say less.
  prepareQuery: ({ target }) => ({ refId: 'Anno', ...newAnnotationQuery, ...target, queryType: 'changes' }),
  QueryEditor: AnnotationEditor,
};
