// Grafana 11.1 has no Combobox, which is what Select is deprecated in favour of.
/* eslint-disable @typescript-eslint/no-deprecated */
import { EditorField } from '@grafana/plugin-ui';
import { Select } from '@grafana/ui';
import React from 'react';

import { labelOf, type Choice } from '../choices';
import { useVariables } from './useVariables';

interface Props {
  inputId: string;
  label: string;
  tooltip?: string;
  choices: Choice[];
  value: string;
  onChange: (value: string) => void;
}

/** One of a few values, or a variable of the dashboard. */
export function ChoiceField({ inputId, label, tooltip, choices, value, onChange }: Props) {
  const variables = useVariables();
  return (
    <EditorField label={label} tooltip={tooltip} htmlFor={inputId}>
      <Select
        inputId={inputId}
        options={[...choices, ...variables]}
        value={{ value, label: labelOf(choices, value) }}
        width={24}
        onChange={(chosen) => chosen.value && onChange(chosen.value)}
      />
    </EditorField>
  );
}
