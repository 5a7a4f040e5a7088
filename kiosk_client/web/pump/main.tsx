import "./pump.css";
import { start } from "../shell/start";
import { Pump } from "./Pump";
import { link } from "./model";

void start(link, Pump);
