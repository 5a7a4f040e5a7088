import "./lane.css";
import { start } from "../shell/start";
import { Wedge } from "../shell/wedge";
import { Lane } from "./Lane";
import { link, scan } from "./model";

new Wedge((code) => void scan(code));
void start(link, Lane);
