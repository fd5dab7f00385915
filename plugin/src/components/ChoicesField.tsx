// Grafana 11.1 has no MultiCombobox, which is what MultiSelect is deprecated in favour of.
/* eslint-disable @typescript-eslint/no-deprecated */
import { EditorField } from '@grafana/plugin-ui';
import { MultiSelect } from '@grafana/ui';
import React from 'react';

import { labelOf, type Choice } from '../choices';
import { useVariables } from './useVariables';

interface Props {
  inputId: string;
  label: string;
  tooltip?: string;
  choices: Choice[];
  /** Says what no value means. */
  placeholder: string;
  values: string[] | undefined;
  /** The greatest number of values. */
  most?: number;
  onChange: (values: string[]) => void;
}

/** Some of a few values, or variables of the dashboard. */
export function ChoicesField({ inputId, label, tooltip, choices, placeholder, values = [], most, onChange }: Props) {
  const variables = useVariables();
  const full = most !== undefined && values.length >= most;
  return (
    <EditorField label={label} tooltip={tooltip} htmlFor={inputId}>
      <MultiSelect
        inputId={inputId}
        options={[...choices, ...variables]}
        value={values.map((value) => ({ value, label: labelOf(choices, value) }))}
        placeholder={placeholder}
        width={32}
        isOptionDisabled={() => full}
        onChange={(chosen) => onChange(chosen.flatMap(({ value }) => value ?? []))}
      />
    </EditorField>
  );
}
