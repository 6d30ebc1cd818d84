import type { Plugin } from 'vite';

export declare function secondAlone(source: string, extension: 'ts' | 'js'): string;
export declare const secondAlonePlugin: Plugin;
export declare const isSecondAlone: boolean;
export declare function seenBySecond<Row extends readonly [name: string, ...unknown[]]>(rows: readonly Row[]): Row[];
