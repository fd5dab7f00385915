import { css } from '@emotion/css';
import { EditorField } from '@grafana/plugin-ui';
import { RadioButtonGroup } from '@grafana/ui';
import React, { useId } from 'react';

import type { Choice } from '../choices';

interface Props {
  label: string;
  tooltip?: string;
  choices: Choice[];
  value: string | undefined;
  onChange: (value: string) => void;
}

/** One of a few values, all of which are seen. Where there is little room, as in a half of Explore, they take lines. */
export function RadioField({ label, tooltip, choices, value, onChange }: Props) {
  const id = useId();
  return (
    <EditorField label={label} tooltip={tooltip}>
      <RadioButtonGroup
        aria-label={label}
        id={id}
        className={lines}
        options={choices}
        value={value}
        onChange={onChange}
      />
    </EditorField>
  );
}

const lines = css({ flexWrap: 'wrap' });
