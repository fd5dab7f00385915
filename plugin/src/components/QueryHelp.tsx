import { css } from '@emotion/css';
import type { GrafanaTheme2, QueryEditorHelpProps } from '@grafana/data';
import { Button, TextLink, useStyles2 } from '@grafana/ui';
import React from 'react';

import { describe } from '../describe';
import { examples } from '../examples';
import type { MeshQuery } from '../types';

const manual = 'https://github.com/meshscope/meshscope/blob/main/plugin/README.md#query';
const filters = 'https://github.com/meshscope/meshscope/blob/main/docs/filters.md';

/** Queries to begin with, which a click puts into the editor. */
export function QueryHelp({ onClickExample }: QueryEditorHelpProps<MeshQuery>) {
  const styles = useStyles2(getStyles);
  return (
    <div>
      <h2>Meshscope Topology</h2>
      <p>
        A query looks at the mesh over the panel&apos;s time range. The icon beside the panel&apos;s title says what it
        leaves out, or why it is empty. See the{' '}
        <TextLink href={manual} external inline>
          fields of queries
        </TextLink>{' '}
        and the{' '}
        <TextLink href={filters} external inline>
          language of filters
        </TextLink>
        .
      </p>
      <ul className={styles.list}>
        {examples.map(({ title, about, query }) => (
          <li key={title} className={styles.example}>
            <Button
              variant="secondary"
              size="sm"
              onClick={() => onClickExample({ refId: 'A', ...query })}
              aria-label={`Use the example: ${title}`}
            >
              {title}
            </Button>
            <div>{about}</div>
            <code>{describe({ refId: 'A', ...query })}</code>
          </li>
        ))}
      </ul>
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({ listStyle: 'none' }),
  example: css({ margin: theme.spacing(2, 0) }),
});
