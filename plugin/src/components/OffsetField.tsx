import { EditorField } from '@grafana/plugin-ui';
import { Input } from '@grafana/ui';
import React, { useState } from 'react';

import { isDuration } from '../duration';

interface Props {
  inputId: string;
  value: string;
  onChange: (value: string) => void;
}

const isAllowed = (text: string) => text === '' || /[$[]/.test(text) || isDuration(text);

/** A duration, or a variable that holds one. It is taken when the field is left, lest a query runs at each character. */
export function OffsetField({ inputId, value, onChange }: Props) {
  const [typed, setTyped] = useState<string>();
  const text = (typed ?? value).trim();

  const take = () => {
    if (typed !== undefined && isAllowed(text)) {
      setTyped(undefined);
      if (text !== value) {
        onChange(text);
      }
    }
  };

  return (
    <EditorField
      label="Compare with"
      tooltip="How long before is the range that this one is compared with: what is new, gone, slower or failing more since then."
      htmlFor={inputId}
      invalid={!isAllowed(text)}
      error="A duration such as 1h or 7d"
    >
      <Input
        id={inputId}
        width={24}
        placeholder="no other range"
        suffix="before"
        value={typed ?? value}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onBlur={take}
        onKeyDown={(event) => event.key === 'Enter' && take()}
      />
    </EditorField>
  );
}
