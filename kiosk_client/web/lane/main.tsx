import "./lane.css";
import { loadWhenIdle } from "../shell/later";
import { start } from "../shell/start";
import { Wedge } from "../shell/wedge";
import { optionsPart } from "../shell/Header";
import { Lane } from "./Lane";
import { offlinePart, parts, servicePart } from "./later";
import { link, scan } from "./model";

new Wedge((code) => void scan(code));
void start(link, Lane);
loadWhenIdle(parts, optionsPart, offlinePart, servicePart);
