import protobuf from 'protobufjs/light.js';

/** The parts of ONNX's `ModelProto` that a forest needs. */
export interface OnnxModel {
  readonly irVersion: number;
  readonly producerName: string;
  readonly docString: string;
  readonly graph: OnnxGraph;
  readonly opsetImport: readonly { readonly domain: string; readonly version: number }[];
  readonly metadataProps: readonly { readonly key: string; readonly value: string }[];
}

interface OnnxGraph {
  readonly name: string;
  readonly docString: string;
  readonly input: readonly OnnxValue[];
  readonly output: readonly OnnxValue[];
  readonly node: readonly OnnxNode[];
}

interface OnnxValue {
  readonly name: string;
  readonly docString: string;
  readonly type: { readonly tensorType: { readonly elemType: number; readonly shape: OnnxShape } };
}

interface OnnxShape {
  readonly dim: readonly ({ readonly dimParam: string } | { readonly dimValue: number })[];
}

interface OnnxNode {
  readonly name: string;
  readonly domain: string;
  readonly opType: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute: readonly OnnxAttribute[];
}

export type OnnxAttribute = { readonly name: string } & (
  | { readonly type: typeof attributeType.int; readonly i: number }
  | { readonly type: typeof attributeType.string; readonly s: Uint8Array }
  | { readonly type: typeof attributeType.tensor; readonly t: OnnxTensor }
  | { readonly type: typeof attributeType.ints; readonly ints: Uint32Array }
  | { readonly type: typeof attributeType.strings; readonly strings: readonly Uint8Array[] }
);

interface OnnxTensor {
  readonly dims: readonly number[];
  readonly dataType: number;
  /** Little-endian. */
  readonly rawData: Uint8Array;
}

export const elementType = { float: 1, double: 11 } as const;
export const attributeType = { int: 2, string: 3, tensor: 4, ints: 7, strings: 8 } as const;

const repeated = 'repeated';
/** ONNX uses enums where this uses int32; their encoding is the same. */
const schema = protobuf.Root.fromJSON({
  nested: {
    Model: {
      fields: {
        irVersion: { type: 'int64', id: 1 },
        producerName: { type: 'string', id: 2 },
        docString: { type: 'string', id: 6 },
        graph: { type: 'Graph', id: 7 },
        opsetImport: { rule: repeated, type: 'OperatorSet', id: 8 },
        metadataProps: { rule: repeated, type: 'Entry', id: 14 },
      },
    },
    OperatorSet: { fields: { domain: { type: 'string', id: 1 }, version: { type: 'int64', id: 2 } } },
    Entry: { fields: { key: { type: 'string', id: 1 }, value: { type: 'string', id: 2 } } },
    Graph: {
      fields: {
        node: { rule: repeated, type: 'Node', id: 1 },
        name: { type: 'string', id: 2 },
        docString: { type: 'string', id: 10 },
        input: { rule: repeated, type: 'Value', id: 11 },
        output: { rule: repeated, type: 'Value', id: 12 },
      },
    },
    Value: {
      fields: {
        name: { type: 'string', id: 1 },
        type: { type: 'ValueType', id: 2 },
        docString: { type: 'string', id: 3 },
      },
    },
    ValueType: { fields: { tensorType: { type: 'TensorType', id: 1 } } },
    TensorType: { fields: { elemType: { type: 'int32', id: 1 }, shape: { type: 'Shape', id: 2 } } },
    Shape: { fields: { dim: { rule: repeated, type: 'Dimension', id: 1 } } },
    Dimension: { fields: { dimValue: { type: 'int64', id: 1 }, dimParam: { type: 'string', id: 2 } } },
    Node: {
      fields: {
        input: { rule: repeated, type: 'string', id: 1 },
        output: { rule: repeated, type: 'string', id: 2 },
        name: { type: 'string', id: 3 },
        opType: { type: 'string', id: 4 },
        attribute: { rule: repeated, type: 'Attribute', id: 5 },
        domain: { type: 'string', id: 7 },
      },
    },
    Attribute: {
      fields: {
        name: { type: 'string', id: 1 },
        i: { type: 'int64', id: 3 },
        s: { type: 'bytes', id: 4 },
        t: { type: 'Tensor', id: 5 },
        // int64 in ONNX. The encoding of non-negative numbers is the same, and protobufjs makes no objects of them.
        ints: { rule: repeated, type: 'uint32', id: 8, options: { packed: true } },
        strings: { rule: repeated, type: 'bytes', id: 9 },
        type: { type: 'int32', id: 20 },
      },
    },
    Tensor: {
      fields: {
        dims: { rule: repeated, type: 'int64', id: 1 },
        dataType: { type: 'int32', id: 2 },
        rawData: { type: 'bytes', id: 9 },
      },
    },
  },
});

export function encodeOnnxModel(model: OnnxModel): Uint8Array {
  return schema.lookupType('Model').encode(model).finish();
}
